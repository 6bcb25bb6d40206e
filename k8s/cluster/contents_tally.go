package cluster

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"tenure.dev/workflow"
)

// resident is what counting keeps of an object that is in a namespace.
type resident struct {
	name   string
	id     types.UID
	owners []types.UID // as its writer named them: they may be anywhere, or nowhere
	others bool        // nobody put it there, see leftOut
	goes   bool        // it goes with another that is counted
}

func residentOf(kind schema.GroupKind, object *metav1.PartialObjectMetadata) resident {
	r := resident{name: clean(object.Name), id: object.UID, others: leftOut(kind, object)}
	for _, owner := range object.OwnerReferences {
		r.owners = append(r.owners, owner.UID)
	}
	return r
}

// tally gathers what lists say that run at the same time.
type tally struct {
	at time.Time

	mu       sync.Mutex
	found    []residents
	unlisted []workflow.UnlistedKind
}

func (t *tally) add(found residents) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found = append(t.found, found)
}

func (t *tally) miss(kind, why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.unlisted = append(t.unlisted, workflow.UnlistedKind{Kind: clean(kind), Why: why})
}

// followOwners finds what goes with another that is counted. Only an owner that was
// seen counts for what it owns: one of the whole cluster, one of a kind that could not
// be listed and one that is left out itself speak for nothing. What owns each other in
// a circle is counted.
func (t *tally) followOwners() {
	counted := map[types.UID]bool{}
	for _, kind := range t.found {
		for _, r := range kind.objects {
			if r.id != "" && !r.others {
				counted[r.id] = true
			}
		}
	}
	owned := map[types.UID][]*resident{}
	var following []*resident
	for _, kind := range t.found {
		for i := range kind.objects {
			r, isOwned := &kind.objects[i], false
			for _, owner := range r.owners {
				if counted[owner] {
					owned[owner], isOwned = append(owned[owner], r), true
				}
			}
			if !isOwned && !r.others {
				following = append(following, r)
			}
		}
	}
	for len(following) > 0 {
		owner := following[len(following)-1]
		following = following[:len(following)-1]
		for _, r := range owned[owner.id] {
			if !r.goes {
				r.goes = true
				following = append(following, r)
			}
		}
	}
}

// contents puts first what holds data, and each part by kind. A kind of which not all
// was looked at is among both parts, if any of it is counted.
func (t *tally) contents() workflow.NamespaceContents {
	t.followOwners()
	contents := workflow.NamespaceContents{At: t.at, Unlisted: t.unlisted}
	for _, kind := range t.found {
		if count := kind.count(); count.Count > 0 {
			contents.Kinds = append(contents.Kinds, count)
		}
		if kind.more {
			why := fmt.Sprintf("Only the first %d were looked at.", len(kind.objects))
			contents.Unlisted = append(contents.Unlisted, workflow.UnlistedKind{Kind: kindText(kind.kind), Why: why})
		}
	}
	slices.SortFunc(contents.Kinds, func(a, b workflow.KindCount) int {
		if a.Data != b.Data {
			if a.Data {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Kind, b.Kind)
	})
	slices.SortFunc(contents.Unlisted, func(a, b workflow.UnlistedKind) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Why, b.Why))
	})
	contents.Unlisted = slices.Compact(contents.Unlisted)
	return contents
}

// count counts what of a kind is counted, and names the first ones.
func (r residents) count() workflow.KindCount {
	kind := r.kind.GroupKind()
	var names []string
	for _, one := range r.objects {
		if !one.others && (!one.goes || holdsData[kind]) {
			names = append(names, one.name)
		}
	}
	slices.Sort(names)
	return workflow.KindCount{
		Kind: kindText(r.kind), Count: len(names), More: r.more, Data: holdsData[kind], Names: slices.Clone(names[:min(len(names), workflow.MaxNamed)]),
	}
}
