package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tenure.dev/e2e/cluster"
)

const root = "../../../.."

func TestMain(m *testing.M) {
	if _, err := cluster.Build(context.Background(), root, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// driven is an `up` that runs within the test.
type driven struct {
	t        *testing.T
	commands io.WriteCloser
	answers  *bufio.Reader
	complain *bytes.Buffer
	ended    chan error
	stop     context.CancelFunc
}

// drive starts `up` and waits for its first line.
func drive(t *testing.T, args ...string) (driven, Ready) {
	t.Helper()
	in, commands := io.Pipe()
	out, answers := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	d := driven{t: t, commands: commands, answers: bufio.NewReader(out), complain: new(bytes.Buffer), ended: make(chan error, 1), stop: stop}
	go func() {
		err := up(ctx, root, append([]string{"--dir", t.TempDir()}, args...), in, answers, d.complain)
		_ = answers.CloseWithError(fmt.Errorf("up ended: %w", err))
		d.ended <- err
		close(d.ended)
	}()
	t.Cleanup(func() {
		stop()
		for range d.ended { // the test itself looks at how it ended, where that matters
		}
	})
	var ready Ready
	d.read(&ready)
	return d, ready
}

func (d driven) read(into any) {
	d.t.Helper()
	line, err := d.answers.ReadString('\n')
	if err != nil {
		d.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(line), into); err != nil {
		d.t.Fatalf("it said %q: %v", line, err)
	}
}

func (d driven) say(command string) answer {
	d.t.Helper()
	if _, err := io.WriteString(d.commands, command+"\n"); err != nil {
		d.t.Fatal(err)
	}
	var said answer
	d.read(&said)
	return said
}

func TestUpObeysLinesUntilThereAreNoMore(t *testing.T) {
	d, ready := drive(t, "--identities", `[{"name": "zoe", "user": "zoe@contoso.example", "groups": ["readers"]}]`)
	kubectl := func(identity string, args ...string) (string, error) {
		output, err := exec.Command(ready.Kubectl, append([]string{"--kubeconfig=" + ready.Kubeconfigs[identity]}, args...)...).CombinedOutput()
		return string(output), err
	}
	if said, err := kubectl("zoe", "auth", "whoami"); err != nil || !strings.Contains(said, "zoe@contoso.example") {
		t.Errorf("zoe is %q: %v", said, err)
	}
	if said := d.say("kill apiserver"); !said.OK {
		t.Errorf("kill: %+v", said)
	}
	if said := d.say("pids"); len(said.PIDs) != len(ready.PIDs)-1 || said.PIDs["etcd"] != ready.PIDs["etcd"] {
		t.Errorf("pids: %+v after %v", said, ready.PIDs)
	}
	if said, err := kubectl("admin", "get", "namespaces"); err == nil {
		t.Errorf("without an API server kubectl said %q", said)
	}
	for _, command := range []string{"start apiserver", "restart controller-manager", "start etcd"} {
		if said := d.say(command); !said.OK {
			t.Errorf("%s: %+v", command, said)
		}
	}
	late := d.say(`identity {"name": "late", "user": "system:serviceaccount:a:b", "groups": ["system:serviceaccounts"]}`)
	ready.Kubeconfigs["late"] = late.Kubeconfig
	if said, err := kubectl("late", "auth", "whoami"); err != nil || !strings.Contains(said, "system:serviceaccount:a:b") {
		t.Errorf("late is %q: %v", said, err)
	}
	for command, want := range map[string]string{
		"":                   `there is no command ""`,
		"reboot":             `there is no command "reboot"`,
		"stop argocd":        `there is no part "argocd"`,
		"identity {":         "read",
		`install {"url": 1}`: `unknown field "url"`,
		`install {"webhook": "http://example.com"}`: "not https:// and an address",
	} {
		if said := d.say(command); said.OK || !strings.Contains(said.Error, want) {
			t.Errorf("%q: %+v", command, said)
		}
	}
	if err := d.commands.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-d.ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	for part, pid := range ready.PIDs {
		if err := syscall.Kill(pid, 0); err == nil && part != "apiserver" && part != "controller-manager" {
			t.Errorf("%s still runs", part)
		}
	}
}

func TestUpEndsWhenItIsTold(t *testing.T) {
	d, ready := drive(t)
	d.stop() // what SIGINT and SIGTERM do
	if err := <-d.ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := os.Stat(filepath.Join("/proc", fmt.Sprint(ready.PIDs["etcd"]))); err == nil {
		t.Error("etcd still runs")
	}
}

func TestUpWantsAFolderAndReadableIdentities(t *testing.T) {
	for name, args := range map[string][]string{
		"no folder":              {},
		"a word too many":        {"--dir", "x", "now"},
		"identities of no known": {"--dir", "x", "--identities", "dana"},
	} {
		if err := up(t.Context(), root, args, nil, nil, nil); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestInstalledTenureIsAskedAndRefuses(t *testing.T) {
	d, ready := drive(t)
	// Nobody listens there: failing closed shows that the API server asks.
	options := fmt.Sprintf(`install {"webhook": "https://127.0.0.1:1", "ca": %q, "portal": "http://127.0.0.1:8080"}`, ready.CA)
	for range 2 {
		if said := d.say(options); !said.OK {
			t.Fatalf("install: %+v", said)
		}
	}
	manifest := `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine", "labels": {"tenure.dev/tenant": "payments"}}}`
	for identity, want := range map[string]string{
		"admin":  "Ask for the change: http://127.0.0.1:8080",
		"gitops": `failed calling webhook "governed.tenure.dev"`,
	} {
		command := exec.Command(ready.Kubectl, "--kubeconfig="+ready.Kubeconfigs[identity], "create", "--filename", "-")
		command.Stdin = strings.NewReader(manifest)
		if said, err := command.CombinedOutput(); err == nil || !strings.Contains(string(said), want) {
			t.Errorf("%s got %q: %v", identity, said, err)
		}
	}
}
