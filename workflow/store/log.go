package store

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// slowThreshold is how long a statement may take unremarked.
const slowThreshold = 500 * time.Millisecond

// slowStatements is gorm's log: only what is slow, and never a value, since
// values are what people wrote and what sessions hold. Errors are not logged
// here: they go back to the caller, which does.
type slowStatements struct {
	log       *slog.Logger
	threshold time.Duration
}

var (
	_ logger.Interface  = slowStatements{}
	_ gorm.ParamsFilter = slowStatements{}
)

// LogMode changes nothing: there is one level.
func (s slowStatements) LogMode(logger.LogLevel) logger.Interface { return s }

// Info drops gorm's remarks.
func (s slowStatements) Info(context.Context, string, ...any) {}

// Warn drops gorm's remarks.
func (s slowStatements) Warn(context.Context, string, ...any) {}

// Error drops gorm's remarks; the error itself goes back to the caller.
func (s slowStatements) Error(context.Context, string, ...any) {}

// Trace logs a statement that took longer than the threshold.
func (s slowStatements) Trace(ctx context.Context, begin time.Time, statement func() (sql string, rows int64), _ error) {
	took := time.Since(begin)
	if took < s.threshold {
		return
	}
	sql, rows := statement()
	s.log.WarnContext(ctx, "slow database statement", "sql", sql, "rows", rows, "took", took)
}

// ParamsFilter takes the values out before gorm writes a statement for the log.
func (s slowStatements) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) {
	return sql, nil
}
