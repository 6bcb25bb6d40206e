package main

import (
	"path/filepath"
	"testing"
	"time"
)

func TestTheClockOfDevelopmentIsShiftedByWhatItsFileSays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	clock := settings{DevClock: file}.clock()
	for _, step := range []struct {
		content string
		want    time.Duration
	}{{"", 0}, {"2160h\n", 2160 * time.Hour}, {"", 2160 * time.Hour}, {"soon", 2160 * time.Hour}, {"-1h", -time.Hour}, {"0s", 0}} {
		writeFile(t, file, step.content)
		before := time.Now().Add(step.want)
		now := clock.Now()
		if after := time.Now().Add(step.want); now.Before(before) || now.After(after) {
			t.Errorf("after %q it is %s, want between %s and %s", step.content, now, before, after)
		}
	}
	if _, real := (settings{}).clock().(systemClock); !real {
		t.Error("without a file it is not the machine's clock")
	}
}
