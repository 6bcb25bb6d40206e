package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// Bounds of counting what lives in a namespace.
const (
	contentsPatience = 5 * time.Second // a page waits for it
	contentsHolds    = 5 * time.Second // whoever asks meanwhile gets the same answer, with its time
	kindsHold        = 2 * time.Minute // kinds are seldom added
	contentsAtOnce   = 8               // lists of one question that run at the same time
	contentsMost     = 10 * pageSize   // objects of a kind that are looked at
)

// Contents counts what lives in a namespace by its metadata alone: nothing that
// secrets hold is ever read. What goes with another that is counted is not, save what
// holds data. A kind that cannot be listed hides no other. The answer is shared with
// whoever asks for the same namespace within contentsHolds: nobody changes it.
func (l *Live) Contents(ctx context.Context, cluster, namespace string) (workflow.NamespaceContents, bool, error) {
	if cluster == "" || cluster != l.config.Cluster {
		return workflow.NamespaceContents{}, false, nil
	}
	contents, err := l.contents.get(ctx, namespace, func(ctx context.Context) (workflow.NamespaceContents, time.Duration, error) {
		ctx, done := context.WithTimeout(ctx, l.contentsPatience)
		defer done()
		contents, err := l.countAll(ctx, namespace)
		return contents, contentsHolds, err
	})
	if err != nil {
		return workflow.NamespaceContents{}, false, err
	}
	return contents, true, nil
}

// servedKinds is what a cluster says that it serves.
type servedKinds struct {
	resources []listable
	unknown   []string // API groups of which it does not know what is in them
}

// knownKinds gives the kinds that the cluster serves, as of the last minutes.
func (l *Live) knownKinds(ctx context.Context) (servedKinds, error) {
	return l.kinds.get(ctx, "", func(ctx context.Context) (servedKinds, time.Duration, error) {
		ctx, done := context.WithTimeout(ctx, l.contentsPatience)
		defer done()
		resources, unknown, err := l.resources(ctx, l.discovery)
		kinds := servedKinds{resources, slices.DeleteFunc(unknown, isMeasured)}
		if len(kinds.unknown) > 0 {
			return kinds, contentsHolds, err // it may know them soon
		}
		return kinds, kindsHold, err
	})
}

// countAll asks for every kind. The time of the answer is that of its first question,
// so that nothing in it is older.
func (l *Live) countAll(ctx context.Context, namespace string) (workflow.NamespaceContents, error) {
	t := tally{at: l.config.Clock.Now()}
	kinds, err := l.knownKinds(ctx)
	if err != nil {
		return workflow.NamespaceContents{}, err
	}
	for _, group := range kinds.unknown {
		t.miss(group, unknownGroup)
	}
	var counting errgroup.Group
	counting.SetLimit(contentsAtOnce)
	for _, r := range kinds.resources {
		if isMeasured(r.kind.Group) || passing[r.kind.GroupKind()] {
			continue
		}
		counting.Go(func() error {
			switch found, err := l.residents(ctx, r, namespace); {
			case gone(err):
			case err != nil:
				t.miss(missed(r.kind), unlisted(ctx, err))
			default:
				t.add(found)
			}
			return nil
		})
	}
	_ = counting.Wait() // what went wrong is in the tally
	return t.contents(), nil
}

// residents are the objects of one kind that are in a namespace.
type residents struct {
	kind    schema.GroupVersionKind
	objects []resident
	more    bool // there are more than were looked at
}

// residents lists one kind, page by page.
func (l *Live) residents(ctx context.Context, r listable, namespace string) (residents, error) {
	found := residents{kind: r.kind}
	for page := nextPage(""); ; page = nextPage(page.Continue) {
		list, err := l.metadata.Resource(r.of()).Namespace(namespace).List(ctx, page)
		if err != nil {
			return residents{}, fmt.Errorf("list %s in %q: %w", r.name, namespace, err)
		}
		for i := range list.Items {
			found.objects = append(found.objects, residentOf(r.kind.GroupKind(), &list.Items[i]))
		}
		if page.Continue = list.Continue; page.Continue == "" {
			return found, nil
		}
		if len(found.objects) >= contentsMost {
			found.more = true
			return found, nil
		}
	}
}
