package cluster

import (
	"context"
	"fmt"
	"slices"
	"syscall"
)

// StartPart starts a part that does not run, on the port that it had, and
// waits until it does its work. One that runs is left alone.
func (c *Cluster) StartPart(ctx context.Context, name string) error {
	c.turns.Lock()
	defer c.turns.Unlock()
	entries, err := c.named(name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := c.begin(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// StopPart asks a part to end and waits until it has.
func (c *Cluster) StopPart(name string) error { return c.endPart(name, syscall.SIGTERM) }

// KillPart ends a part without letting it tidy up.
func (c *Cluster) KillPart(name string) error { return c.endPart(name, syscall.SIGKILL) }

// RestartPart is StopPart, then StartPart.
func (c *Cluster) RestartPart(ctx context.Context, name string) error {
	if err := c.StopPart(name); err != nil {
		return err
	}
	return c.StartPart(ctx, name)
}

// Run adds a part of the caller's own, such as Tenure itself, and starts it
// like the others.
func (c *Cluster) Run(ctx context.Context, part Part) error {
	c.mu.Lock()
	for _, e := range c.parts {
		if e.part.Name == part.Name {
			c.mu.Unlock()
			return fmt.Errorf("there is a part %q already", part.Name)
		}
	}
	c.parts = append(c.parts, &entry{part: part})
	c.mu.Unlock()
	return c.StartPart(ctx, part.Name)
}

// PIDs gives the process number of each part that runs.
func (c *Cluster) PIDs() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	pids := map[string]int{}
	for _, e := range c.parts {
		if e.run == nil {
			continue
		}
		select {
		case <-e.run.done:
		default:
			pids[e.part.Name] = e.run.command.Process.Pid
		}
	}
	return pids
}

func (c *Cluster) endPart(name string, signal syscall.Signal) error {
	c.turns.Lock()
	defer c.turns.Unlock()
	entries, err := c.named(name)
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(entries) {
		c.finish(e, signal)
	}
	return nil
}

// named gives the part with a name, or all of Argo CD.
func (c *Cluster) named(name string) ([]*entry, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*entry
	var names []string
	for _, e := range c.parts {
		names = append(names, e.part.Name)
		if e.part.Name == name || name == ArgoCD && slices.Contains([]string{Redis, RepoServer, ApplicationController}, e.part.Name) {
			found = append(found, e)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("there is no part %q, there are %q", name, names)
	}
	return found, nil
}

// begin starts a part unless it runs, and waits until it is ready.
func (c *Cluster) begin(ctx context.Context, e *entry) error {
	c.mu.Lock()
	run := e.run
	c.mu.Unlock()
	if run != nil {
		select {
		case <-run.done: // it ended by itself
		default:
			return c.ready(ctx, e.part, run)
		}
	}
	run, err := c.start(e.part)
	if err != nil {
		return err
	}
	c.mu.Lock()
	e.run = run
	c.mu.Unlock()
	return c.ready(ctx, e.part, run)
}

func (c *Cluster) finish(e *entry, signal syscall.Signal) {
	c.mu.Lock()
	run := e.run
	e.run = nil
	c.mu.Unlock()
	if run != nil {
		run.end(signal)
	}
}
