package main

import (
	"os"
	"strings"
	"sync/atomic"
	"time"

	"tenure.dev/workflow"
)

// systemClock is the machine's clock.
type systemClock struct{}

// Now is the present moment.
func (systemClock) Now() time.Time { return time.Now() }

// shiftedClock is the machine's clock plus the duration that stands in a file,
// so that a test of development sees an end come. The file is read each time;
// while it is missing or half written, what it said last goes on.
type shiftedClock struct {
	file string
	by   atomic.Int64 // nanoseconds
}

// Now is the present moment as the file has it.
func (c *shiftedClock) Now() time.Time {
	if text, err := os.ReadFile(c.file); err == nil {
		if by, err := time.ParseDuration(strings.TrimSpace(string(text))); err == nil {
			c.by.Store(int64(by))
		}
	}
	return time.Now().Add(time.Duration(c.by.Load()))
}

// clock is the clock that everything in one process tells the time by.
func (s settings) clock() workflow.Clock {
	if s.DevClock == "" {
		return systemClock{}
	}
	return &shiftedClock{file: s.DevClock}
}
