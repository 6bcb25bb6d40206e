package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processID tells a process from any later one with the same number.
type processID struct {
	PID        int    `json:"pid"`
	Started    uint64 `json:"started"` // clock ticks between the machine's start and its own: field 22 of /proc/<pid>/stat
	Executable string `json:"executable"`
}

// identify describes a running process; fs.ErrNotExist if there is none. One
// that ended and only waits for its parent to notice counts as gone.
func identify(pid int) (processID, error) {
	path := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(path, "stat"))
	if err != nil {
		return processID{}, fmt.Errorf("look at process %d: %w", pid, gone(err))
	}
	// Field 2, the command, is in parentheses and may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return processID{}, fmt.Errorf("look at process %d: %q is not a process's state", pid, stat)
	}
	if fields[0] == "Z" || fields[0] == "X" {
		return processID{}, fmt.Errorf("look at process %d: it ended: %w", pid, fs.ErrNotExist)
	}
	started, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return processID{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	executable, err := os.Readlink(filepath.Join(path, "exe"))
	if err != nil {
		return processID{}, fmt.Errorf("look at process %d: %w", pid, gone(err))
	}
	return processID{PID: pid, Started: started, Executable: strings.TrimSuffix(executable, " (deleted)")}, nil
}

// gone turns what /proc answers while a process ends into fs.ErrNotExist.
func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return fs.ErrNotExist
	}
	return err
}

// runs says whether exactly this process still runs. It says so, too, when it
// cannot tell: who asks then leaves everything as it is.
func (p processID) runs() bool {
	now, err := identify(p.PID)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist)
	}
	return now == p
}

// end kills the process and its children, if it is still the one that was
// recorded, and waits until it is gone.
func (p processID) end(ctx context.Context) error {
	if now, err := identify(p.PID); err != nil || now != p {
		return nil //nolint:nilerr // it is gone, or its number is somebody else's
	}
	// It was started as the leader of a process group.
	if err := syscall.Kill(-p.PID, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("end process %d, %s: %w", p.PID, p.Executable, err)
	}
	return until(ctx, 20*time.Millisecond, func(context.Context) error {
		if p.runs() {
			return fmt.Errorf("process %d, %s, does not end", p.PID, p.Executable)
		}
		return nil
	})
}

// until calls try, now and then again after each pause, until it gives no
// error or the context ends; then it gives the last error.
func until(ctx context.Context, pause time.Duration, try func(context.Context) error) error {
	again := time.NewTicker(pause)
	defer again.Stop()
	var last error
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || last == nil {
			last = err // what the context's end made of the last try says nothing
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.Join(last, context.Cause(ctx))
		}
	}
}
