package gitops

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// Rules is what a repository is judged by, besides what stands in it.
type Rules struct {
	// Trust pins the fingerprints of the keys that may sign. Required.
	Trust []string
	// CheckPolicy says what is wrong with the parameters of a policy's rules.
	// Optional; nothing of them is checked without it.
	CheckPolicy func(workflow.Policy) []workflow.FieldProblem
	// Renderers are the renderers whose versions history may name. The default
	// is the one of this program.
	Renderers []workflow.Renderer
}

// errRewritten is about a branch that no longer holds the last verified commit.
var errRewritten = errors.New("the branch was rewritten: it no longer holds the last verified commit")

// link is one verified commit of the history.
type link struct {
	commit  plumbing.Hash
	act     workflow.Act
	request int64
	ends    int64 // the request whose exception it took away because its end came
}

// ledger is what a history comes to, up to its last verified commit. Feed it
// the commits of the branch in order.
type ledger struct {
	objects
	rules Rules // Trust in upper-case hex, Renderers filled in

	chain     []link // the verified commits, the root first
	head      plumbing.Hash
	tree      plumbing.Hash
	policy    workflow.Policy
	document  []byte // policy.yaml, which policy was read from
	tenancies map[string]workflow.Tenancy
	keys      keyring
	fulfilled map[int64]plumbing.Hash // requests, by the commit that did what they ask for

	foreign []plumbing.Hash // commits on top of head that did not prove, in order
}

func newLedger(store objects, rules Rules) (*ledger, error) {
	pinned, err := CheckFingerprints(rules.Trust)
	if err != nil {
		return nil, err
	}
	rules.Trust = pinned
	if len(rules.Renderers) == 0 {
		rules.Renderers = []workflow.Renderer{manifest.Renderer{}}
	}
	return &ledger{
		objects: store, rules: rules,
		tenancies: map[string]workflow.Tenancy{}, keys: keyring{}, fulfilled: map[int64]plumbing.Hash{},
	}, nil
}

// clone gives a ledger that can be fed without changing this one.
func (l *ledger) clone() *ledger {
	c := *l
	c.chain, c.foreign = slices.Clip(l.chain), slices.Clip(l.foreign)
	c.tenancies, c.fulfilled = maps.Clone(l.tenancies), maps.Clone(l.fulfilled)
	return &c
}

// state is the approved state at the last verified commit.
func (l *ledger) state() *workflow.ApprovedState {
	return &workflow.ApprovedState{Commit: l.head.String(), Policy: l.policy, PolicyDocument: l.document, Tenancies: maps.Clone(l.tenancies)}
}

// advance feeds the ledger what the branch holds between the last verified
// commit and head. Foreign commits of an earlier feeding are judged again.
func (l *ledger) advance(ctx context.Context, head plumbing.Hash) ([]Objection, error) {
	commits, err := l.since(ctx, head)
	if err != nil {
		return nil, err
	}
	l.foreign = nil
	var all []Objection
	for _, hash := range commits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		objections, err := l.take(hash)
		if err != nil {
			return nil, fmt.Errorf("judge commit %s: %w", hash, err)
		}
		all = append(all, objections...)
		if l.head.IsZero() {
			break // nothing can be judged after a first commit that does not prove
		}
	}
	return all, nil
}

// since lists the first-parent history after the last verified commit, oldest first.
func (l *ledger) since(ctx context.Context, head plumbing.Hash) ([]plumbing.Hash, error) {
	var commits []plumbing.Hash
	for hash := head; hash != l.head; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		commits = append(commits, hash)
		c, _, err := l.commit(hash)
		if err != nil {
			return nil, err
		}
		if len(c.parents) == 0 {
			if !l.head.IsZero() {
				return nil, fmt.Errorf("%w %s", errRewritten, l.head)
			}
			break
		}
		hash = c.parents[0]
	}
	slices.Reverse(commits)
	return commits, nil
}

// take judges the next commit of the branch. It becomes the last verified one,
// or is kept as foreign.
func (l *ledger) take(hash plumbing.Hash) ([]Objection, error) {
	c, objections, err := l.open(hash)
	if err != nil {
		return nil, err
	}
	var after effect
	if len(objections) == 0 {
		if after, objections, err = l.prove(c); err != nil {
			return nil, err
		}
	}
	if len(objections) > 0 {
		l.foreign = append(l.foreign, hash)
		return objections, nil
	}
	l.apply(c, after)
	return nil, nil
}

// effect is what a proved commit changes of what is approved; nil means nothing.
type effect struct {
	policy    *workflow.Policy
	document  []byte // policy.yaml, where policy is another
	tenancies []workflow.Tenancy
	removed   []string // slugs of tenancies that there are no more
	keys      keyring
}

func (l *ledger) apply(c *candidate, after effect) {
	l.head, l.tree, l.foreign = c.hash, c.commit.tree, nil
	l.chain = append(l.chain, link{commit: c.hash, act: c.message.Act, request: c.message.Request, ends: c.message.Ends})
	if after.policy != nil {
		l.policy, l.document = *after.policy, after.document
	}
	for _, tenancy := range after.tenancies {
		l.tenancies[tenancy.Name] = tenancy
	}
	for _, slug := range after.removed {
		delete(l.tenancies, slug)
	}
	if after.keys != nil {
		l.keys = after.keys
	}
	if c.message.Act.Fulfils() && c.message.Request != 0 { // an end whose time came does what no request asks for
		l.fulfilled[c.message.Request] = c.hash
	}
}

// rendererOf finds the renderer that a commit says it was made with.
func (l *ledger) rendererOf(c *candidate) (workflow.Renderer, []Objection) {
	versions := make([]string, len(l.rules.Renderers))
	for i, renderer := range l.rules.Renderers {
		if versions[i] = renderer.Version(); versions[i] == c.message.Renderer {
			return renderer, nil
		}
	}
	return nil, c.objectToAll("was made by another version of Tenure, with renderer %q; this one has renderer %s", c.message.Renderer, strings.Join(versions, ", "))
}
