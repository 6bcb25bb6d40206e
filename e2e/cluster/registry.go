package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// registry is the folder .cache/cluster/running: one file for each control
// plane that runs, or whose owner ended without ending it.
type registry struct{ dir string }

// record is one control plane's file in the registry.
type record struct {
	Owner     processID            `json:"owner"`
	Dir       string               `json:"dir"`
	Ports     []int                `json:"ports"`
	Processes map[string]processID `json:"processes"` // by part
}

// claim is this process's own record.
type claim struct {
	path string

	mu     sync.Mutex
	record record
}

// Ports below those that the kernel gives to outgoing connections (32768 and
// up), so that none of these is lost while its part is being restarted.
const firstPort, lastPort = 20000, 30000

// claim ends what gone owners left running, and records a control plane in
// dir with some free ports. A folder that another one still uses is refused.
func (r registry) claim(ctx context.Context, dir string, ports int) (*claim, error) {
	unlock, err := lock(ctx, filepath.Join(r.dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("wait for another start: %w", err)
	}
	defer unlock()
	running, err := r.endLeftovers(ctx)
	if err != nil {
		return nil, err
	}
	var taken []int
	for _, other := range running {
		if other.Dir == dir {
			return nil, fmt.Errorf("a control plane runs in %q already, started by process %d", dir, other.Owner.PID)
		}
		taken = append(taken, other.Ports...)
	}
	owner, err := identify(os.Getpid())
	if err != nil {
		return nil, err
	}
	free, err := freePorts(ctx, ports, taken)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(r.dir, "*.json")
	if err != nil {
		return nil, fmt.Errorf("record the control plane: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("record the control plane: %w", err)
	}
	c := &claim{path: file.Name(), record: record{Owner: owner, Dir: dir, Ports: free, Processes: map[string]processID{}}}
	return c, c.save()
}

// endLeftovers ends the processes whose owner is gone, and gives the records
// of the others.
func (r registry) endLeftovers(ctx context.Context) (running []record, err error) {
	paths, err := filepath.Glob(filepath.Join(r.dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("look for leftovers: %w", err)
	}
	for _, path := range paths {
		left, err := readRecord(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // ended meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("look for leftovers: %w", err)
		}
		if left.Owner.runs() {
			running = append(running, left)
			continue
		}
		for _, process := range left.Processes {
			if err := process.end(ctx); err != nil {
				return nil, fmt.Errorf("end a leftover in %q: %w", left.Dir, err)
			}
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("forget a leftover: %w", err)
		}
	}
	return running, nil
}

// readRecord reads a record. One that was cut off was so before it held a
// process, and counts as one without an owner.
func readRecord(path string) (record, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return record{}, err
	}
	var r record
	if json.Unmarshal(content, &r) != nil {
		return record{}, nil
	}
	return r, nil
}

// started adds a process to the record.
func (c *claim) started(part string, pid int) error {
	process, err := identify(pid)
	if errors.Is(err, os.ErrNotExist) {
		return nil // ended already, which who waits for it says better
	}
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.record.Processes[part] = process
	return c.save()
}

// ended takes a process out of the record.
func (c *claim) ended(part string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.record.Processes, part)
	return c.save()
}

// release forgets the control plane; none of its processes runs any more.
func (c *claim) release() error {
	if err := os.Remove(c.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget the control plane: %w", err)
	}
	return nil
}

// save replaces the record's file as a whole.
func (c *claim) save() error {
	content, err := json.MarshalIndent(c.record, "", "  ")
	if err != nil {
		return fmt.Errorf("record the control plane: %w", err)
	}
	if err := os.WriteFile(c.path+".partial", content, 0o600); err != nil {
		return fmt.Errorf("record the control plane: %w", err)
	}
	if err := os.Rename(c.path+".partial", c.path); err != nil {
		return fmt.Errorf("record the control plane: %w", err)
	}
	return nil
}

// freePorts finds ports that nobody listens on and that are not taken. Where it
// begins differs between processes, since other checkouts have other registries.
func freePorts(ctx context.Context, count int, taken []int) ([]int, error) {
	var free []int
	span := lastPort - firstPort
	for i := 0; i < span && len(free) < count; i++ {
		port := firstPort + (os.Getpid()*16+i)%span
		if slices.Contains(taken, port) {
			continue
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address(port))
		if err != nil {
			continue // somebody else's
		}
		if err := listener.Close(); err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		free = append(free, port)
	}
	if len(free) < count {
		return nil, fmt.Errorf("find a free port: fewer than %d between %d and %d", count, firstPort, lastPort)
	}
	return free, nil
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// lock waits for the lock that a file stands for. It goes with the process.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // nothing secret in it
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = until(ctx, 50*time.Millisecond, func(context.Context) error {
		return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return func() { _ = file.Close() }, nil // which gives the lock back
}
