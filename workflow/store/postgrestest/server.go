// Package postgrestest starts a real PostgreSQL server for tests: one a test
// binary, in a temporary folder, reached by a Unix socket only, and gone when
// the binary ends.
package postgrestest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// superuser is the server's one account. It has no password: the socket's
// folder is closed to everybody else.
const superuser = "tenure"

// Server is a running PostgreSQL server.
type Server struct {
	folder    string
	process   *os.Process
	ended     chan struct{} // closed when the process is gone
	databases atomic.Int64
}

// Start makes a database cluster in a temporary folder and starts a server on
// it. Data is not flushed to disk (fsync off). Missing programs are an error
// that says how to install them. Stop ends the server; the kernel does so too
// when the test binary dies.
func Start(ctx context.Context) (_ *Server, err error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, fmt.Errorf("make a folder for PostgreSQL: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	attributes, err := unprivileged(folder)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(programs, "initdb"),
		"--pgdata", data, "--username", superuser, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.Dir, initdb.Env, initdb.SysProcAttr = folder, []string{"LC_ALL=C"}, attributes
	if output, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, output)
	}
	server := &Server{folder: folder, ended: make(chan struct{})}
	command := exec.Command(filepath.Join(programs, "postgres"),
		"-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "max_connections=200",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	command.Dir, command.Env, command.SysProcAttr = folder, []string{"LC_ALL=C"}, attributes
	if err := server.run(ctx, command); err != nil {
		return nil, err
	}
	return server, nil
}

// run starts the server and returns when it takes connections.
func (s *Server) run(ctx context.Context, command *exec.Cmd) error {
	output, err := command.StderrPipe()
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	started, ready := make(chan error, 1), make(chan error, 1)
	go func() {
		// The kernel ends the server when the thread that started it ends, so
		// that thread is kept here until the server is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(s.ended)
		if err := command.Start(); err != nil {
			started <- fmt.Errorf("start postgres: %w", err)
			return
		}
		s.process = command.Process
		started <- nil
		watch(output, ready)
		_ = command.Wait() // it ends by our signal
	}()
	if err := <-started; err != nil {
		return err
	}
	select {
	case err := <-ready:
		return err
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("wait for postgres: %w", ctx.Err()), s.Stop())
	}
}

// watch reads the server's log to its end and says once whether it got ready.
func watch(log io.Reader, ready chan<- error) {
	var text strings.Builder
	told := false
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if told {
			continue
		}
		text.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			ready <- nil
			told = true
		}
	}
	if !told {
		ready <- fmt.Errorf("postgres ended before it was ready:\n%s", text.String())
	}
}

// Stop ends the server, whatever it is doing, and removes its folder.
func (s *Server) Stop() error {
	// SIGQUIT is PostgreSQL's immediate shutdown: the data is thrown away anyway.
	if err := s.process.Signal(syscall.SIGQUIT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop postgres: %w", err)
	}
	<-s.ended
	return os.RemoveAll(s.folder)
}

// Database makes an empty database and gives its URL. It goes with the server.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	admin, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		t.Fatalf("connect to postgres: %v", err)
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatalf("create database %q: %v", name, err)
	}
	return s.url(name)
}

func (s *Server) url(database string) string {
	query := url.Values{"host": {s.folder}, "user": {superuser}}
	return "postgres:///" + database + "?" + query.Encode()
}
