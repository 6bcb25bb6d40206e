package cluster

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestWhatAKilledOwnerLeftIsEndedAndItsDataAreKept(t *testing.T) {
	dir := t.TempDir()
	owner := exec.Command(os.Args[0])
	owner.Env = append(os.Environ(), ownerDir+"="+dir)
	said, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil || !strings.HasPrefix(line, "running https://") {
		t.Fatalf("the owner said %q: %v", line, err)
	}
	left := recordsOf(t, dir)
	if len(left) != 3 {
		t.Fatalf("recorded are %v", left)
	}
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait()
	c := start(t, dir)
	for _, process := range left {
		if process.runs() {
			t.Errorf("%s still runs", process.Executable)
		}
	}
	kubectl(t, c, "admin", "get", "serviceaccount", "default")
}

// The kernel ends what a killed owner started before anybody looks, so this
// takes processes that it knows nothing of.
func TestOnlyTheRecordedProcessOfAGoneOwnerIsEnded(t *testing.T) {
	gone := processID{PID: os.Getpid(), Started: 1, Executable: "/gone"}
	me, err := identify(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		owner processID
		alter func(*processID)
		ended bool
	}{
		"the process of a gone owner":                    {gone, func(*processID) {}, true},
		"another process that has its number by now":     {gone, func(p *processID) { p.Started++ }, false},
		"another program that has its number by now":     {gone, func(p *processID) { p.Executable = "/bin/other" }, false},
		"a process whose owner is there":                 {me, func(*processID) {}, false},
		"a process whose owner's number is another's":    {processID{PID: me.PID, Started: me.Started + 1, Executable: me.Executable}, func(*processID) {}, true},
		"a process whose owner has ended, not been read": {processID{PID: zombie(t), Started: 1}, func(*processID) {}, true},
	} {
		t.Run(name, func(t *testing.T) {
			process, echoes := leftover(t)
			recorded := process
			test.alter(&recorded)
			r := registry{t.TempDir()}
			left := &claim{path: r.dir + "/left.json", record: record{Owner: test.owner, Dir: "/left", Ports: []int{1}, Processes: map[string]processID{"part": recorded}}}
			if err := left.save(); err != nil {
				t.Fatal(err)
			}
			if _, err := r.claim(t.Context(), "/new", 1); err != nil {
				t.Fatal(err)
			}
			if alive := echoes(); alive == test.ended {
				t.Errorf("it goes on: %t", alive)
			}
			if _, err := os.Stat(left.path); errors.Is(err, fs.ErrNotExist) != (test.owner != me) {
				t.Errorf("its record: %v", err)
			}
		})
	}
}

// leftover starts a process, and tells it and whether it still does its work.
// That goes by an answer of its own: a killed one takes a moment to be gone.
func leftover(t *testing.T) (process processID, echoes func() bool) {
	t.Helper()
	command := exec.Command("cat")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	if process, err = identify(command.Process.Pid); err != nil {
		t.Fatal(err)
	}
	return process, func() bool {
		_, _ = io.WriteString(in, "x") // nobody reads it if it is gone
		read, _ := out.Read(make([]byte, 1))
		return read == 1
	}
}

// zombie gives the number of a process that ended without its parent, this
// test, having noticed.
func zombie(t *testing.T) int {
	t.Helper()
	command := exec.Command("true")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Wait() })
	eventually(t, func() error {
		if _, err := identify(command.Process.Pid); !errors.Is(err, fs.ErrNotExist) {
			return errors.New("it still runs")
		}
		return nil
	})
	return command.Process.Pid
}

func TestARecordThatWasCutOffIsForgotten(t *testing.T) {
	r := registry{t.TempDir()}
	if err := os.WriteFile(r.dir+"/half.json", []byte(`{"owner": {"pi`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := r.claim(t.Context(), "/new", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.dir + "/half.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestPortsOfOthersAreLeftToThemWhileTheirPartIsDown(t *testing.T) {
	r := registry{t.TempDir()}
	first, err := r.claim(t.Context(), "/one", 8)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.claim(t.Context(), "/two", 8)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for _, port := range append(first.record.Ports, second.record.Ports...) {
		if seen[port] {
			t.Errorf("port %d was given twice", port)
		}
		seen[port] = true
	}
	if _, err := r.claim(t.Context(), "/one", 8); err == nil {
		t.Error("the folder of a running one was given away")
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.claim(t.Context(), "/one", 8); err != nil {
		t.Errorf("the folder is free again, and was refused: %v", err)
	}
}

func TestWaitingForALockEndsWithTheContext(t *testing.T) {
	path := t.TempDir() + "/lock"
	unlock, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock(over, path); !errors.Is(err, context.Canceled) {
		t.Errorf("a lock that is held: %v", err)
	}
	unlock()
	again, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
