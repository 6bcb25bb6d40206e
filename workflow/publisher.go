package workflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Publisher takes approved requests to signed commits, one at a time. Only one
// may run against a repository; a second one would lose races, not break anything.
//
// Each publication is: look whether an earlier try already made the commit;
// plan again at the head and compare the digest; record the attempt with its
// base; commit and push; record the commit. Whatever stops it in between, the
// next try begins with the look, so that the same request is committed once.
type Publisher struct {
	Store      Store         // required
	Repository Repository    // required
	Planner    Planner       // required
	ArgoCD     ArgoCD        // nil where nobody watches Argo CD: then no name waits until its last namespace is gone
	Clock      Clock         // required
	Log        *slog.Logger  // required
	Poll       time.Duration // how often it looks for work without being woken; required
	// Checkpoint is called with "before-push" and "after-push", so that a test
	// can end the process there. Optional.
	Checkpoint func(point string)

	bell bell
}

// Bounds of a publication.
const (
	firstRetry = 2 * time.Second
	lastRetry  = time.Minute
	racesLost  = 5 // tries in a row against other writers before it is put off
)

// Wake makes the publisher look for work now. It never blocks.
func (p *Publisher) Wake() { p.bell.ring() }

// Run publishes until the context ends.
func (p *Publisher) Run(ctx context.Context) {
	ticker := time.NewTicker(p.Poll)
	defer ticker.Stop()
	for {
		if err := p.PublishAll(ctx); err != nil && ctx.Err() == nil {
			p.Log.ErrorContext(ctx, "look for approved requests", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-p.bell.rung():
		}
	}
}

// PublishAll tries every approved request that is due, the oldest first. One
// that does not go through does not hold up the others.
func (p *Publisher) PublishAll(ctx context.Context) error {
	approved, err := p.Store.Requests(ctx, RequestFilter{States: []State{StateApproved}})
	if err != nil {
		return err
	}
	for i := len(approved) - 1; i >= 0; i-- {
		r := approved[i]
		if r.Attempt != nil && p.Clock.Now().Before(r.Attempt.NextAt) {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := p.publish(ctx, r); err != nil {
			p.Log.WarnContext(ctx, "publication put off", "request", r.ID, "tenant", r.Tenant, "error", err)
		}
	}
	return nil
}

// publish takes one request as far as it goes now.
func (p *Publisher) publish(ctx context.Context, r Request) error {
	for range racesLost {
		next, err := p.attempt(ctx, r)
		if errors.Is(err, ErrBaseMoved) {
			r = next
			continue
		}
		if err != nil {
			return errors.Join(err, p.putOff(ctx, next, err))
		}
		return nil
	}
	err := fmt.Errorf("the branch moved %d times in a row: %w", racesLost, ErrBaseMoved)
	return errors.Join(err, p.putOff(ctx, r, err))
}

// attempt is one try. The request it returns is as stored last.
func (p *Publisher) attempt(ctx context.Context, r Request) (Request, error) {
	commit, found, err := p.look(ctx, r)
	if err != nil {
		return r, err
	}
	if found {
		return p.store(ctx, r, CommittedCommand{Commit: commit})
	}
	state, err := p.Repository.State()
	if err != nil {
		return r, err
	}
	if overdue := r.overdue(p.Clock.Now()); overdue != nil {
		return p.store(ctx, r, *overdue)
	}
	plan, stale, err := p.recheck(ctx, state, r)
	if err != nil {
		return r, err
	}
	if stale != nil {
		return p.store(ctx, r, *stale)
	}
	if left, found, err := leavingOf(ctx, p.Store, p.ArgoCD, plan); err != nil {
		return r, fmt.Errorf("look for removals under way: %w", err)
	} else if found {
		return r, left.wait(r.Tenant)
	}
	if r, err = p.store(ctx, r, BeginCommand{Base: state.Commit}); err != nil {
		return r, err
	}
	head, err := p.Store.AuditHead(ctx)
	if err != nil {
		return r, fmt.Errorf("read the audit head: %w", err)
	}
	p.checkpoint("before-push")
	commit, err = p.Repository.Commit(ctx, state.Commit, plan.Files, commitMessage(r, head))
	if err != nil {
		return r, err
	}
	p.checkpoint("after-push")
	return p.store(ctx, r, CommittedCommand{Commit: commit})
}

// look brings the repository up to date, and looks whether an earlier try made
// the commit. Commits that do not verify are no reason to wait: State stays
// before them, and Commit undoes them first. A remote that is away is one, and
// Find says so, for it passes over the former and needs the latter.
func (p *Publisher) look(ctx context.Context, r Request) (commit string, found bool, err error) {
	refreshed := p.Repository.Refresh(ctx)
	since := ""
	if state, err := p.Repository.State(); err == nil {
		since = state.Commit
	}
	if r.Attempt != nil && r.Attempt.Base != "" {
		since = r.Attempt.Base
	} else if refreshed == nil {
		return "", false, nil // nothing was tried yet
	}
	if commit, found, err = p.Repository.Find(ctx, since, r.ID); err != nil {
		return "", false, fmt.Errorf("fetch the repository and look for the commit of an earlier try: %w", errors.Join(err, refreshed))
	}
	if refreshed != nil {
		p.Log.WarnContext(ctx, "publishing although the repository's head does not verify", "request", r.ID, "error", refreshed)
	}
	return commit, found, nil
}

// recheck plans again at the present state, and asks whether each vote still
// has its ground: the register names its author, and the owners' group does
// where a directory can tell. It gives the plan to commit, or the command that
// sends the request back. The plan is the present one: the tenancy's document
// also holds what others were granted since the vote.
func (p *Publisher) recheck(ctx context.Context, state *ApprovedState, r Request) (Plan, *StaleCommand, error) {
	plan, wait, stale, err := p.Planner.replanWaiting(ctx, p.Store, state, r)
	if err != nil || stale != nil {
		return plan, stale, err
	}
	if wait != nil {
		return plan, nil, wait.wait()
	}
	for _, progress := range r.Progress() {
		people, known, err := state.Policy.canVote(ctx, p.Planner.Directory, progress.Stage.Role, plan)
		if err != nil {
			return plan, nil, fmt.Errorf("ask who holds %s: %w", progress.Stage.Role, err)
		}
		for _, vote := range progress.Votes {
			if known && !slices.Contains(people, vote.Person.ID) {
				return plan, &StaleCommand{Plan: &plan, Reason: fmt.Sprintf(
					"%s no longer holds the role %s, so that vote does not count. The request needs to be reviewed again.", vote.Person.Name, progress.Stage.Role)}, nil
			}
		}
	}
	return plan, nil, nil
}

// putOff records why a try came to nothing and when the next one is due:
// after 2 s, then twice as long each time, at most a minute.
func (p *Publisher) putOff(ctx context.Context, r Request, cause error) error {
	tries := 0
	if r.Attempt != nil {
		tries = r.Attempt.Tries
	}
	wait := min(firstRetry<<min(tries, 10), lastRetry)
	_, err := p.store(ctx, r, DeferCommand{Problem: publishProblem(cause), NextAt: p.Clock.Now().Add(wait), Waits: errors.Is(cause, errWaits)})
	return err
}

// publishProblem is the sentence for the page; the cause itself is for the log.
func publishProblem(cause error) string {
	if problem, ok := AsProblem(cause); ok {
		return problem.Message
	}
	if errors.Is(cause, ErrBaseMoved) {
		return "Others are writing to the GitOps repository at the same time. Nothing was lost."
	}
	return "The GitOps repository cannot be read or written at the moment. The approval stands and nothing was lost."
}

// store decides and stores one step of Tenure's own.
func (p *Publisher) store(ctx context.Context, r Request, command Command) (Request, error) {
	next, events, err := Decide(r, Actor{}, command, p.Clock.Now())
	if err != nil {
		return r, err
	}
	stored, err := p.Store.UpdateRequest(ctx, next, events)
	if err != nil {
		return r, fmt.Errorf("store request %d: %w", r.ID, err)
	}
	for _, event := range events {
		p.Log.InfoContext(ctx, "request "+string(event.Type), "request", stored.ID, "tenant", stored.Tenant, "state", stored.State, "commit", event.Commit)
	}
	return stored, nil
}

func (p *Publisher) checkpoint(point string) {
	if p.Checkpoint != nil {
		p.Checkpoint(point)
	}
}

// maxTold bounds what a commit tells of a change, in bytes: a message has an
// upper bound of its own, and another policy can change anything.
const maxTold = 16 << 10

// subject is the first line of the request's commit.
func (r Request) subject() string {
	title := r.Change.Title()
	if r.Tenant != "" {
		title += " for " + r.Tenant
	}
	return fmt.Sprintf("%s (request %d)", title, r.ID)
}

// commitMessage is what the commit of an approved request says of itself.
func commitMessage(r Request, auditHead string) CommitMessage {
	message := CommitMessage{
		Act: r.Kind.Act(), Subject: r.subject(),
		Request: r.ID, Kind: r.Kind, RequestedBy: r.RequestedBy, Stages: r.Plan.Stages,
		Plan: r.Plan.Digest, PlannedAt: r.Plan.PlannedAt, AuditHead: auditHead, Renderer: r.Plan.Renderer,
	}
	for i, line := range r.Plan.Summary {
		if len(message.Body)+len(line) > maxTold {
			message.Body += fmt.Sprintf("And %d sentences more, which the request holds.\n", len(r.Plan.Summary)-i)
			break
		}
		message.Body += line + "\n"
	}
	message.Body += "\nWhy: " + r.Change.Why() + "\n"
	for _, progress := range r.Progress() {
		for _, vote := range progress.Votes {
			message.ApprovedBy = append(message.ApprovedBy, Approval{Person: vote.Person, Stage: vote.Stage})
		}
	}
	return message
}
