package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Part is one program that a [Cluster] runs.
type Part struct {
	Name    string                      // required; also names its log file
	Path    string                      // required: the executable
	Args    []string                    //
	Env     []string                    // in addition to this process's environment
	Dir     string                      // where it runs; this process's folder if empty
	Stdout  io.Writer                   // gets its standard output instead of the log file, if set
	Prepare func() error                // done before each start, if set
	Ready   func(context.Context) error // required: nil once it does its work
}

const (
	startTime = 3 * time.Minute  // within which a part is ready, also on a busy machine
	stopTime  = 20 * time.Second // within which a part ends by itself when asked to
)

// process is one run of a part.
type process struct {
	command *exec.Cmd
	log     *os.File
	from    int64         // where its run begins in the log
	done    chan struct{} // closed when it ended and no longer is in the record
	ended   error         // how it ended, once done; never nil

	mu       sync.Mutex
	expected bool // somebody asked it to end
}

// start runs a part. It is over before it is ready.
func (c *Cluster) start(p Part) (*process, error) {
	if p.Prepare != nil {
		if err := p.Prepare(); err != nil {
			return nil, fmt.Errorf("start %s: %w", p.Name, err)
		}
	}
	log, err := os.OpenFile(c.Log(p.Name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("start %s: open its log: %w", p.Name, err)
	}
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: open its log: %w", p.Name, err), log.Close())
	}
	command := exec.Command(p.Path, p.Args...) //nolint:gosec // what to run is the caller's choice
	command.Dir, command.Stdout, command.Stderr = p.Dir, log, log
	if p.Stdout != nil {
		command.Stdout = p.Stdout
	}
	command.Env = append(command.Environ(), p.Env...)
	// A group of its own: a Ctrl-C at the terminal is for us, who end the parts in
	// order, and what a part starts can be ended with it. The kernel ends the part
	// when the thread ends that started it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.thread.do(command.Start); errors.Is(err, exec.ErrNotFound) {
		return nil, errors.Join(fmt.Errorf("start %s: %w; .ci/debian-packages installs it", p.Name, err), log.Close())
	} else if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", p.Name, err), log.Close())
	}
	run := &process{command: command, log: log, from: from, done: make(chan struct{})}
	recorded := c.claim.started(p.Name, command.Process.Pid)
	go c.wait(p, run)
	if recorded != nil {
		run.end(syscall.SIGKILL)
		return nil, fmt.Errorf("start %s: %w", p.Name, recorded)
	}
	return run, nil
}

// wait notices a run's end, and tells c.Lost of one that nobody asked for.
func (c *Cluster) wait(p Part, run *process) {
	err := run.command.Wait()
	_ = syscall.Kill(-run.command.Process.Pid, syscall.SIGKILL) // what it left behind, mostly nothing
	run.mu.Lock()
	expected := run.expected
	run.mu.Unlock()
	how := "exit status 0"
	if err != nil {
		how = err.Error()
	}
	run.ended = fmt.Errorf("%s ended: %s\n%s", p.Name, how, run.tail())
	run.ended = errors.Join(run.ended, run.log.Close(), c.claim.ended(p.Name))
	if !expected {
		select {
		case c.lost <- run.ended:
		default: // an earlier one is not read yet, and says enough
		}
	}
	close(run.done)
}

// ready waits until the part does its work, or says why it does not.
func (c *Cluster) ready(ctx context.Context, p Part, run *process) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTime, fmt.Errorf("not within %s", startTime))
	defer cancel()
	waiting, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case <-run.done:
			stop(run.ended)
		case <-waiting.Done():
		}
	}()
	err := until(waiting, 50*time.Millisecond, p.Ready)
	select {
	case <-run.done:
		return run.ended
	default:
	}
	if err != nil {
		return fmt.Errorf("%s is not ready: %w\n%s", p.Name, err, run.tail())
	}
	return nil
}

// end asks the run to end, or makes it when the signal is SIGKILL or it takes
// too long, and waits until it is over.
func (run *process) end(signal syscall.Signal) {
	run.mu.Lock()
	run.expected = true
	run.mu.Unlock()
	pid := run.command.Process.Pid
	select {
	case <-run.done:
		return // its number may be somebody else's by now
	default:
		_ = syscall.Kill(-pid, signal)
	}
	late := time.NewTimer(stopTime)
	defer late.Stop()
	select {
	case <-run.done:
	case <-late.C:
		_ = syscall.Kill(-pid, syscall.SIGKILL)
		<-run.done
	}
}

// tail gives the last lines of this run's log.
func (run *process) tail() string {
	const lines, most = 15, 16 << 10
	content, err := os.ReadFile(run.log.Name())
	if err != nil {
		return err.Error()
	}
	content = content[min(run.from, int64(len(content))):]
	content = content[max(0, len(content)-most):]
	all := strings.Split(strings.TrimSpace(string(content)), "\n")
	return "  " + strings.Join(all[max(0, len(all)-lines):], "\n  ") + "\n  (" + run.log.Name() + ")"
}

// thread is an operating system's thread that starts processes and lives as
// long as they shall: Pdeathsig looks at the thread, and Go ends threads at will.
type thread struct {
	work chan func()
}

func newThread() thread {
	t := thread{work: make(chan func())}
	go func() {
		// Never unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		for f := range t.work {
			f()
		}
	}()
	return t
}

func (t thread) do(f func() error) error {
	result := make(chan error, 1)
	t.work <- func() { result <- f() }
	return <-result
}

func (t thread) end() { close(t.work) }
