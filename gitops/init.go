package gitops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/memory"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// ErrHasCommits says that a repository was made already.
var ErrHasCommits = errors.New("the repository already has commits")

// InitOptions is what a new GitOps repository begins with.
type InitOptions struct {
	// Remote is a local path, which becomes a bare repository, or the URL of an
	// empty repository. Required; see Config for its form and the credentials.
	Remote   string
	Username string
	Password string
	Branch   string // main when empty
	// Key signs the first commit and is the first that is trusted. Required.
	Key *SigningKey
	// Policy is the document policy.yaml as it is to stand there. Required.
	Policy []byte
	// Tenancies that there are before anybody could vote. Optional.
	Tenancies []workflow.Tenancy
	// CheckPolicy says what is wrong with the parameters of the policy's rules. Optional.
	CheckPolicy func(workflow.Policy) []workflow.FieldProblem
	Author      Identity       // optional
	Timeout     time.Duration  // of an exchange with the remote; 60 s when zero
	Clock       workflow.Clock // required
}

// Init makes the GitOps repository: one signed commit of act init, and returns
// it. A repository whose branch has a commit is left alone, with ErrHasCommits.
// What is wrong with the policy or a tenancy comes back as an *UnverifiedError
// that names file and line; nothing was written then.
func Init(ctx context.Context, o InitOptions) (string, error) {
	if err := o.check(); err != nil {
		return "", fmt.Errorf("init: %w", err)
	}
	store := memory.NewStorage()
	l, err := newLedger(newObjects(store), Rules{Trust: []string{o.Key.Fingerprint()}, CheckPolicy: o.CheckPolicy})
	if err != nil {
		return "", fmt.Errorf("init: %w", err)
	}
	l.written = map[plumbing.Hash]bool{}
	commit, err := o.firstCommit(l)
	if err != nil {
		return "", fmt.Errorf("init: %w", err)
	}
	if err := makeBare(o.Remote, o.Branch); err != nil {
		return "", fmt.Errorf("init %q: %w", o.Remote, err)
	}
	session, err := newRemote(o.Remote, o.Username, o.Password, o.Branch, o.Timeout).dial(ctx)
	if err != nil {
		return "", fmt.Errorf("init %q: %w", o.Remote, err)
	}
	defer session.close()
	if !session.head.IsZero() {
		return "", fmt.Errorf("init %q: branch %q is at %s: %w", o.Remote, o.Branch, session.head, ErrHasCommits)
	}
	if err := session.push(ctx, store, slices.Collect(maps.Keys(l.written)), commit); err != nil {
		return "", fmt.Errorf("init %q: push: %w", o.Remote, err)
	}
	return commit.String(), nil
}

// check fills in defaults, and says everything that is wrong at once.
func (o *InitOptions) check() error {
	problems := []error{checkLocation(o.Remote)}
	if o.Key == nil || o.Clock == nil {
		problems = append(problems, errors.New("a signing key and a clock are needed"))
	}
	if len(o.Policy) == 0 {
		problems = append(problems, errors.New("a policy is needed"))
	}
	if o.Branch == "" {
		o.Branch = defaultBranch
	}
	if o.Author == (Identity{}) {
		o.Author = defaultAuthor
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	return errors.Join(problems...)
}

// firstCommit writes the first commit into the ledger's store.
func (o *InitOptions) firstCommit(l *ledger) (plumbing.Hash, error) {
	policy, err := manifest.DecodeNewPolicy(manifest.PolicyPath, o.Policy)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	public, err := o.Key.PublicKey()
	if err != nil {
		return plumbing.ZeroHash, err
	}
	renderer := manifest.Renderer{}
	files := []workflow.File{{Path: manifest.PolicyPath, Content: o.Policy}, {Path: keyPath(o.Key.Fingerprint()), Content: public}}
	names := make([]string, len(o.Tenancies))
	for i, tenancy := range o.Tenancies {
		if slices.Contains(names[:i], tenancy.Name) {
			return plumbing.ZeroHash, fmt.Errorf("tenant %q stands twice", tenancy.Name)
		}
		rendered, err := renderer.Render(policy, tenancy)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		files, names[i] = append(files, rendered...), tenancy.Name
	}
	edits := make(map[string]plumbing.Hash, len(files))
	for _, file := range files {
		if edits[file.Path], err = l.put(plumbing.BlobObject, file.Content); err != nil {
			return plumbing.ZeroHash, err
		}
	}
	tree, err := l.edit(plumbing.ZeroHash, edits)
	if err != nil {
		return plumbing.ZeroHash, err
	}
	message := workflow.CommitMessage{Act: workflow.ActInit, Renderer: renderer.Version(), Subject: "Begin with the policy and the signing key"}
	if len(names) > 0 {
		message.Subject = fmt.Sprintf("Begin with the policy, the signing key and %d tenants", len(names))
		message.Body = "Nobody has voted on these tenants, since nobody could yet: " + clippedList(names) + "."
	}
	return writer{ledger: l, key: o.Key, author: o.Author, at: o.Clock.Now()}.write(tree, nil, message)
}

func clippedList(names []string) string {
	if most := 50; len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// makeBare makes a bare repository at a local path where there is none yet. A
// URL, and whatever stands at the path already, is left as it is.
func makeBare(location, branch string) error {
	endpoint, err := transport.NewEndpoint(location)
	if err != nil || endpoint.Protocol != "file" {
		return err
	}
	entries, err := os.ReadDir(endpoint.Path)
	if len(entries) > 0 || (err != nil && !errors.Is(err, os.ErrNotExist)) {
		return err
	}
	repository, err := git.PlainInit(endpoint.Path, true)
	if err != nil {
		return err
	}
	head := plumbing.NewSymbolicReference(plumbing.HEAD, plumbing.NewBranchReferenceName(branch))
	return repository.Storer.SetReference(head)
}
