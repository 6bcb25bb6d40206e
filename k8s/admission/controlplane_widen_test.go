package admission

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"

	"tenure.dev/k8s/manifest"
)

// atOnce is how many writes are tried at the same time.
const atOnce = 8

// liveObject is an object as it was rendered and as the API server has it.
type liveObject struct{ rendered, kept tree }

// sender is somebody who tries to write.
type sender struct {
	name string
	in   func(namespace string) rest.Interface
}

// widenLive: what is rendered for tenancies that were drawn is applied by the GitOps
// identity, and no mutation of what is live then is let through from anybody, neither
// while it is granted nor after its end.
func widenLive(t *testing.T) {
	p := newPlane(t, *controlPlane, drawnTogether(t))
	everywhere := func(client rest.Interface) func(string) rest.Interface {
		return func(string) rest.Interface { return client }
	}
	p.setClock(testTime.Add(-time.Hour)) // before every end
	gitops, admin := p.as("gitops", rest.ImpersonationConfig{}), p.as("admin", rest.ImpersonationConfig{})
	live := p.applyAll(gitops)
	member := sender{"a member", p.memberOf(live)}
	for _, object := range live {
		for _, path := range uncovered(t, object.kept) {
			if !isServers(path) {
				t.Errorf("no operator changes only %s of %s", path, pathOf(t, object.kept))
			}
		}
	}
	p.refuseMutants("while it is granted", live, sender{"gitops", everywhere(gitops)}, sender{"admin", everywhere(admin)}, member)

	p.setClock(testTime.Add(2 * time.Hour)) // after every end
	ended := slices.DeleteFunc(live, func(o liveObject) bool {
		annotations := at(o.rendered, "metadata", "annotations").(tree)
		return annotations[manifest.AnnotationUntil] == nil
	})
	if len(ended) == 0 {
		t.Error("nothing of it ends")
	}
	p.refuseMutants("after its end", ended, sender{"gitops", everywhere(gitops)}, member)
	for _, object := range ended {
		if err := p.apply(t.Context(), gitops, object.rendered, true); err != nil {
			t.Errorf("applying %s again after its end: %v", pathOf(t, object.rendered), err)
		}
	}
}

// applyAll applies what is rendered for the state as the GitOps identity, and reads it
// back. Applied once more it changes nothing.
func (p *plane) applyAll(gitops rest.Interface) []liveObject {
	p.Helper()
	var mu sync.Mutex
	var live []liveObject
	var applying errgroup.Group
	for _, tenancy := range p.state.Tenancies {
		applying.Go(func() error {
			for _, object := range inWaves(p, slices.Collect(maps.Values(renderedFor(p, p, p.state.Policy, tenancy)))) {
				for _, dry := range []bool{false, true} {
					if err := p.apply(p.Context(), gitops, object, dry); err != nil {
						return fmt.Errorf("apply %s as the GitOps identity: %w", pathOf(p, object), err)
					}
				}
				kept, err := p.read(p.Context(), gitops, object)
				if err != nil {
					return err
				}
				mu.Lock()
				live = append(live, liveObject{object, kept})
				mu.Unlock()
			}
			return nil
		})
	}
	if err := applying.Wait(); err != nil {
		p.Fatal(err)
	}
	return live
}

// memberOf gives clients that act in each namespace as somebody who has the strongest
// role that was granted there; as somebody without any where none was.
func (p *plane) memberOf(live []liveObject) func(namespace string) rest.Interface {
	roles := []string{"tenure:view", "tenure:edit", "tenure:admin"}
	best, clients := map[string]int{}, map[string]rest.Interface{}
	for _, object := range live {
		namespace := namespaceOf(object.kept)
		act := rest.ImpersonationConfig{UserName: developer, Groups: []string{"system:authenticated"}}
		strength := 0
		if object.kept["kind"] == "RoleBinding" {
			strength = 1 + slices.Index(roles, at(object.kept, "roleRef", "name").(string))
			switch subject := at(object.kept, "subjects", 0).(tree); subject["kind"] {
			case "Group":
				act.Groups = append(act.Groups, subject["name"].(string))
			case "User":
				act.UserName = subject["name"].(string)
			default:
				strength = 0 // the tenant's deployer
			}
		}
		if clients[namespace] == nil || strength > best[namespace] {
			best[namespace], clients[namespace] = strength, p.as("admin", act)
		}
	}
	return func(namespace string) rest.Interface { return clients[namespace] }
}

// refuseMutants tries every mutation of every object as each of the senders, and wants
// each to be refused.
func (p *plane) refuseMutants(when string, live []liveObject, senders ...sender) {
	p.Helper()
	var mu sync.Mutex
	refused := map[string]int{}
	var trying errgroup.Group
	trying.SetLimit(atOnce)
	for _, object := range live {
		path, namespace := pathOf(p, object.kept), namespaceOf(object.kept)
		for name, change := range mutants(object.kept) {
			mutant := clone(p, object.kept)
			change(mutant)
			if object.kept["kind"] != "CiliumNetworkPolicy" { // whose writers must say what they replace
				delete(at(mutant, "metadata").(tree), "resourceVersion") // controllers count meanwhile
			}
			for _, who := range senders {
				trying.Go(func() error {
					by, err := p.refusal(p.Context(), who.in(namespace), path, mutant)
					if err == nil && who.name == "gitops" && by != byWebhook && !isNeverTaken(name) {
						err = fmt.Errorf("%s refuses it, so that nobody sees whether admission does", by)
					}
					if err != nil {
						p.Errorf("%s of %s by %s %s: %v", name, path, who.name, when, err)
					}
					mu.Lock()
					refused[who.name+" by "+by]++
					mu.Unlock()
					return nil
				})
			}
		}
	}
	_ = trying.Wait() // what went wrong was said
	for _, what := range slices.Sorted(maps.Keys(refused)) {
		p.Logf("%s: %d mutations refused to %s", when, refused[what], what)
	}
}

// refusal tries to write a mutant and says who refused it; an error when nobody did.
func (p *plane) refusal(ctx context.Context, client rest.Interface, path string, mutant tree) (string, error) {
	kept, err := p.tryUpdate(ctx, client, path, mutant)
	if err == nil {
		return "", fmt.Errorf("it is let through, as %s", encode(p, kept["spec"]))
	}
	by := refuser(err)
	if by == "" {
		return "", fmt.Errorf("nobody refuses it, and yet: %w", err)
	}
	return by, nil
}

// neverTaken are the beginnings of the names of those operators whose objects an API
// server takes from nobody, before it asks anybody: they are not valid, change what
// cannot change, or bind a role that the GitOps identity may not bind.
var neverTaken = []string{
	"limits of pods", "limits of another kind", "limits twice", "no amount of ", "only some pods", "only selected pods",
	"another role", "every right", "a role of ", "another group of subject ",
}

func isNeverTaken(operator string) bool {
	return slices.ContainsFunc(neverTaken, func(name string) bool { return strings.HasPrefix(operator, name) })
}

// namespaceOf is the namespace that an object is in, or that it is.
func namespaceOf(object tree) string {
	metadata := at(object, "metadata").(tree)
	if namespace, in := metadata["namespace"].(string); in {
		return namespace
	}
	return metadata["name"].(string)
}

// isServers says whether a field is the API server's own, or one of its controllers'.
func isServers(path string) bool {
	for _, own := range []string{"metadata.uid", "metadata.resourceVersion", "metadata.creationTimestamp", "metadata.generation", "metadata.managedFields", "status", "spec.finalizers"} {
		if path == own || strings.HasPrefix(path, own+".") || strings.HasPrefix(path, own+"[") {
			return true
		}
	}
	return false
}
