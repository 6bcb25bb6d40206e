package main

import "time"

// systemClock is the machine's clock.
type systemClock struct{}

// Now is the present moment.
func (systemClock) Now() time.Time { return time.Now() }
