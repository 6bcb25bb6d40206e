package workflow_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tenure.dev/gitops"
	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
	"tenure.dev/workflow/store"
)

// signingKey is made once, since every test may have the same.
var signingKey = sync.OnceValues(func() (*gitops.SigningKey, error) {
	return gitops.NewSigningKey("Tenure test", noon.Add(-time.Hour))
})

// world is the whole line of real parts: a database, a bare Git repository,
// the renderer, the webhook's judge. Only the clock and the directory are the
// test's own.
type world struct {
	*testing.T
	dir       string
	remote    string // path of the bare repository
	clock     *clock
	directory directory
	service   *workflow.Service
	publisher *workflow.Publisher
	expirer   *workflow.Expirer
}

// newWorld makes a repository with two tenants, and a database without requests.
func newWorld(t *testing.T) *world { return newWorldOf(t, logistics(), payments()) }

// newWorldOf makes a repository with these tenancies.
func newWorldOf(t *testing.T, tenancies ...workflow.Tenancy) *world {
	t.Helper()
	return newWorldUnder(t, policy(), tenancies...)
}

// newWorldUnder makes a repository with this policy and these tenancies.
func newWorldUnder(t *testing.T, policy workflow.Policy, tenancies ...workflow.Tenancy) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{T: t, dir: dir, remote: filepath.Join(dir, "gitops.git"), clock: newClock(), directory: everybody()}
	key, err := signingKey()
	if err != nil {
		t.Fatal(err)
	}
	document, err := manifest.EncodePolicy(policy)
	if err != nil {
		t.Fatal(err)
	}
	_, err = gitops.Init(t.Context(), gitops.InitOptions{
		Remote: w.remote, Key: key, Policy: document, Tenancies: tenancies,
		CheckPolicy: admission.CheckPolicy, Clock: w.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.start()
	return w
}

// start opens every part, as a process that starts does. What an earlier one
// held in memory is gone.
func (w *world) start() {
	w.Helper()
	repository, database := w.openRepository("clone"), w.openStore()
	snapshots := &admission.Snapshots{}
	repository.OnChange(func(state *workflow.ApprovedState) {
		if err := snapshots.Update(state, w.clock.Now()); err != nil {
			w.Errorf("the approved state cannot be enforced: %v", err)
		}
	})
	w.publisher = w.newPublisher(database, repository)
	w.expirer = w.newExpirer(database, repository)
	w.service = &workflow.Service{
		Store: database, Repository: repository, Renderer: manifest.Renderer{}, Directory: w.directory,
		Judge: admission.Judge{Snapshot: snapshots.Of, Now: w.clock.Now}, Clock: w.clock, Log: quiet, Approved: w.publisher.Wake,
		Policies: admission.PolicyReader{},
	}
}

var quiet = slog.New(slog.DiscardHandler)

// openRepository opens the repository with a clone of its own.
func (w *world) openRepository(clone string) *gitops.Repository {
	w.Helper()
	key, err := signingKey()
	if err != nil {
		w.Fatal(err)
	}
	repository, err := gitops.Open(w.Context(), gitops.Config{
		Remote: w.remote, Dir: filepath.Join(w.dir, clone), Key: key, Clock: w.clock, Log: quiet,
		Rules: gitops.Rules{Trust: []string{key.Fingerprint()}, CheckPolicy: admission.CheckPolicy},
	})
	if err != nil {
		w.Fatal(err)
	}
	return repository
}

// openStore opens the database once more.
func (w *world) openStore() *store.Store {
	w.Helper()
	database, err := store.Open(w.Context(), store.Config{DSN: filepath.Join(w.dir, "tenure.db"), Log: quiet})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := database.Close(); err != nil {
			w.Error(err)
		}
	})
	if err := database.Migrate(w.Context()); err != nil {
		w.Fatal(err)
	}
	return database
}

func (w *world) newPublisher(database workflow.Store, repository workflow.Repository) *workflow.Publisher {
	return &workflow.Publisher{
		Store: database, Repository: repository, Planner: workflow.Planner{Renderer: manifest.Renderer{}, Directory: w.directory, Policies: admission.PolicyReader{}},
		Clock: w.clock, Log: quiet, Poll: time.Hour,
	}
}

func (w *world) newExpirer(database workflow.Store, repository workflow.Repository) *workflow.Expirer {
	return &workflow.Expirer{
		Store: database, Repository: repository, Renderer: manifest.Renderer{}, Clock: w.clock, Log: quiet, Poll: time.Hour,
	}
}

// submit has Dana ask for something for payments.
func (w *world) submit(change workflow.Change) workflow.Request {
	w.Helper()
	r, err := w.service.Submit(w.Context(), dana, workflow.Draft{Tenant: "payments", Change: change})
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// review gives a vote on the plan that the request has now.
func (w *world) review(id int64, by workflow.Actor, vote workflow.Vote, reason string) (workflow.Request, error) {
	w.Helper()
	return w.service.Review(w.Context(), by, id, workflow.Ballot{Vote: vote, Reason: reason, Digest: w.request(id).Plan.Digest})
}

// approve has these people agree, one after the other.
func (w *world) approve(id int64, by ...workflow.Actor) workflow.Request {
	w.Helper()
	var r workflow.Request
	for _, voter := range by {
		var err error
		if r, err = w.review(id, voter, workflow.VoteApprove, ""); err != nil {
			w.Fatalf("%s approves request %d: %v", voter.Name, id, err)
		}
	}
	return r
}

// approved is a request that an owner and security agreed to.
func (w *world) approved(change workflow.Change) workflow.Request {
	w.Helper()
	r := w.approve(w.submit(change).ID, olivia, sam)
	if r.State != workflow.StateApproved {
		w.Fatalf("request %d is %s", r.ID, r.State)
	}
	return r
}

// request reads a request as it is stored.
func (w *world) request(id int64) workflow.Request {
	w.Helper()
	r, err := w.service.Store.Request(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// publish has the publisher look once.
func (w *world) publish() {
	w.Helper()
	if err := w.publisher.PublishAll(w.Context()); err != nil {
		w.Fatal(err)
	}
}

// becomes wants a request to be in a state.
func (w *world) becomes(id int64, state workflow.State) workflow.Request {
	w.Helper()
	r := w.request(id)
	if r.State != state {
		w.Fatalf("request %d is %s (%s), want %s; its attempt is %+v", id, r.State, r.Reason, state, r.Attempt)
	}
	return r
}

// eventTypes are what the audit trail holds of a request.
func (w *world) eventTypes(id int64) []workflow.EventType {
	w.Helper()
	events, err := w.service.Store.Events(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	types := make([]workflow.EventType, len(events))
	for i, e := range events {
		types[i] = e.Type
	}
	return types
}

// git runs plain git in the bare repository.
func (w *world) git(args ...string) string {
	w.Helper()
	command := exec.CommandContext(w.Context(), "git", append([]string{"-C", w.remote}, args...)...)
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=x", "GIT_AUTHOR_EMAIL=x@example.com", "GIT_COMMITTER_NAME=x", "GIT_COMMITTER_EMAIL=x@example.com")
	out, err := command.CombinedOutput()
	if err != nil {
		w.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// grants lists the commits that name a request in their trailers, the newest first.
func (w *world) grants(id int64) []string {
	w.Helper()
	var commits []string
	for line := range strings.Lines(w.git("log", "--format=%H %(trailers:key=Tenure-Request,valueonly,separator=%x2C)", "main")) {
		commit, request, _ := strings.Cut(strings.TrimSpace(line), " ")
		if request == strconv.FormatInt(id, 10) {
			commits = append(commits, commit)
		}
	}
	return commits
}

// committedOnce wants a request to be committed, by exactly one commit.
func (w *world) committedOnce(id int64) {
	w.Helper()
	r := w.becomes(id, workflow.StateCommitted)
	if commits := w.grants(id); len(commits) != 1 || commits[0] != r.Commit {
		w.Errorf("request %d names commit %q; these grant it: %q", id, r.Commit, commits)
	}
	if r.Attempt != nil {
		w.Errorf("request %d is committed and has the attempt %+v", id, r.Attempt)
	}
}

// proves wants `tenure verify` to have no objection to the whole history.
func (w *world) proves() {
	w.Helper()
	key, err := signingKey()
	if err != nil {
		w.Fatal(err)
	}
	report, err := gitops.Verify(w.Context(), w.remote, gitops.VerifyOptions{Rules: gitops.Rules{Trust: []string{key.Fingerprint()}}})
	if err != nil || !report.OK() {
		w.Errorf("the repository does not verify: %+v, %v", report, err)
	}
}

// overlaid is a repository of which a test changes something.
type overlaid struct {
	workflow.Repository
	state  func(workflow.ApprovedState) workflow.ApprovedState // what was approved, seen otherwise
	commit func(base string, commit func() (string, error)) (string, error)
}

func (o overlaid) State() (*workflow.ApprovedState, error) {
	state, err := o.Repository.State()
	if err != nil || o.state == nil {
		return state, err
	}
	changed := o.state(*state)
	return &changed, nil
}

func (o overlaid) Commit(ctx context.Context, base string, files []workflow.FileChange, message workflow.CommitMessage) (string, error) {
	commit := func() (string, error) { return o.Repository.Commit(ctx, base, files, message) }
	if o.commit == nil {
		return commit()
	}
	return o.commit(base, commit)
}

var errConnection = errors.New("read tcp: connection reset by peer")
