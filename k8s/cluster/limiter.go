package cluster

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/client-go/util/flowcontrol"
)

// errBusy says that so much is asked of a cluster that a question's turn did not come.
var errBusy = errors.New("too much is asked of the cluster at the moment")

// A question is some dozens of lists at once, and people wait for it. What bounds it
// first is the API server's priority and fairness, not a client that asks five a
// second.
const (
	liveQPS   = 100
	liveBurst = 200
)

// limiter bounds what one client asks, and says so where it did.
type limiter struct{ flowcontrol.RateLimiter }

func newLimiter() *limiter {
	return &limiter{flowcontrol.NewTokenBucketRateLimiter(liveQPS, liveBurst)}
}

// Wait waits for the question's turn. When that does not come before the context's end,
// it gives errBusy. Of a context that is over while nobody waits it says nothing: then
// it was not the limit that took the time.
func (l *limiter) Wait(ctx context.Context) error {
	if l.TryAccept() {
		return nil
	}
	if err := l.RateLimiter.Wait(ctx); err != nil {
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return nil
}
