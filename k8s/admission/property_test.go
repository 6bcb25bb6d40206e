package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// What must never break, 1: whatever is rendered for a tenancy is permitted
// from the GitOps identity, no widening of it is from anybody, and repair always is;
// and from its end on nothing that ended is given again.
func TestWhateverIsRenderedIsPermittedAndNoWideningOfIt(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		state := drawState(rt)
		snapshot := snapshotOf(rt, state)
		over := *state
		over.Tenancies = nil
		gone := snapshotOf(rt, &over)
		for _, tenancy := range state.Tenancies {
			for _, n := range tenancy.Namespaces {
				place{t, rt, snapshot}.checkSettings(n)
			}
			files := renderedFor(t, rt, state.Policy, tenancy)
			for _, path := range slices.Sorted(maps.Keys(files)) {
				object := files[path]
				p := place{t, rt, snapshot}
				seen[fmt.Sprintf("%s ended %v", object["kind"], isEnded(t, object))] = true
				switch {
				case !isEnded(t, object):
					p.checkRendered(object)
				case object["kind"] == "ResourceQuota":
					p.checkRaiseEnded(object, renderedFor(t, rt, state.Policy, tenancy.WithoutGrants(200))[path])
				default:
					p.checkEnded(object)
				}
				checkLeftOver(t, rt, gone, object)
			}
			for _, grant := range checkTakenOut(t, rt, state, tenancy, files) {
				seen[fmt.Sprintf("%s expired %v", grant.Kind, grant.Expired(testTime))] = true
			}
		}
	})
	for _, kind := range []string{"ResourceQuota ended", "RoleBinding ended", "NetworkPolicy ended", "network expired", "access expired", "exemption expired", "quota expired"} {
		for _, when := range []bool{false, true} {
			if what := fmt.Sprintf("%s %v", kind, when); !seen[what] {
				t.Errorf("nothing was drawn of which %s", what)
			}
		}
	}
}

func snapshotOf(rt *rapid.T, state *workflow.ApprovedState) *Snapshot {
	snapshot, err := NewSnapshot(state, testCluster)
	if err != nil {
		rt.Fatal(err)
	}
	return snapshot
}

// renderedFor are the manifests of a tenancy for testCluster, by path.
func renderedFor(t testing.TB, rt rapid.TB, policy workflow.Policy, tenancy workflow.Tenancy) map[string]tree {
	files, err := manifest.Renderer{}.Render(policy, tenancy)
	if err != nil {
		rt.Fatal(err)
	}
	objects := map[string]tree{}
	for _, file := range files {
		if !strings.HasPrefix(file.Path, "clusters/"+testCluster+"/") {
			continue
		}
		var object tree
		if err := yaml.Unmarshal(file.Content, &object); err != nil {
			rt.Fatal(err)
		}
		objects[file.Path] = clone(t, object)
	}
	return objects
}

// place is where writes are judged.
type place struct {
	t        *testing.T
	rt       *rapid.T
	snapshot *Snapshot
}

func (p place) expect(what string, allowed bool, user string, before, now tree) {
	if decision := Evaluate(p.snapshot, write(p.t, user, before, now)); decision.Allowed != allowed {
		p.rt.Fatalf("%s of %s by %q: allowed is %v:\n%s", what, decision.Object, user, decision.Allowed, DenialText(decision.Violations))
	}
}

func (p place) permit(what, user string, before, now tree) { p.expect(what, true, user, before, now) }
func (p place) refuse(what, user string, before, now tree) { p.expect(what, false, user, before, now) }

// checkRendered: what is approved is made, repaired and narrowed by the GitOps
// identity, and widened by nobody.
func (p place) checkRendered(object tree) {
	kept := live(p.t, object)
	p.permit("creation", gitOps, nil, object)
	p.permit("update from itself", gitOps, kept, object)
	p.permit("writing again", clusterAdmin, kept, kept)
	p.refuse("creation", clusterAdmin, nil, object)
	for name, mutant := range p.some("mutants", kept, mutants(kept)) {
		p.refuse(name, gitOps, kept, mutant)
		p.refuse(name, clusterAdmin, kept, mutant)
		p.permit("repair after "+name, gitOps, mutant, object)
	}
	for name, narrower := range p.some("narrowings", kept, narrowings(kept)) {
		p.permit(name, gitOps, kept, narrower)
		p.refuse(name, clusterAdmin, kept, narrower)
	}
	for name, booked := range p.some("bookings", kept, bookings(kept)) {
		p.permit(name, gitOps, kept, booked)
		p.refuse(name, clusterAdmin, kept, booked)
	}
}

// checkEnded: what was approved for a time that is over is not made again, may be
// written as it stands, narrowed and taken away, and is not widened.
func (p place) checkEnded(object tree) {
	kept := live(p.t, object)
	p.refuse("creation after the end", gitOps, nil, object)
	p.permit("writing again after the end", gitOps, kept, object)
	p.permit("deletion after the end", gitOps, kept, nil)
	p.refuse("deletion after the end", developer, kept, nil)
	for name, mutant := range p.some("mutants of what ended", kept, mutants(kept)) {
		p.refuse(name+" after the end", gitOps, kept, mutant)
		p.refuse(name+" after the end", clusterAdmin, kept, mutant)
	}
	for name, narrower := range p.some("narrowings of what ended", kept, narrowings(kept)) {
		p.permit(name+" after the end", gitOps, kept, narrower)
	}
}

// checkRaiseEnded: after the end of a temporary increase the quota is the lasting
// one. What was raised stays, is narrowed or brought back, and is not raised again.
func (p place) checkRaiseEnded(raised, lasting tree) {
	p.checkRendered(lasting)
	kept, back := live(p.t, raised), live(p.t, lasting)
	p.permit("applying again after the end", gitOps, kept, raised)
	p.permit("the commit of the end", gitOps, kept, lasting)
	p.refuse("deletion after the end", gitOps, kept, nil)
	for name, mutant := range p.some("mutants of what was raised", kept, mutants(kept)) {
		p.refuse(name+" after the end", gitOps, kept, mutant)
		p.permit("the commit of the end after "+name, gitOps, mutant, lasting)
	}
	for name, narrower := range p.some("narrowings of what was raised", kept, narrowings(kept)) {
		p.permit(name+" after the end", gitOps, kept, narrower)
	}
	more := !equal(at(raised, "spec"), at(lasting, "spec")) // an increase may raise nothing
	p.expect("creation as raised after the end", !more, gitOps, nil, raised)
	p.expect("raising again after the end", !more, gitOps, back, raised)
}

// some makes a few of the changes each time; over the runs, all.
func (p place) some(label string, object tree, by operators) map[string]tree {
	drawn := map[string]tree{}
	if len(by) == 0 {
		return drawn
	}
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(by))), 1, min(3, len(by)), rapid.ID).Draw(p.rt, label) {
		drawn[name] = by.on(p.t, object, name)
	}
	return drawn
}

// checkTakenOut: admission knows the commit of an end before Argo CD does. What it
// took out stays as it is or goes, and what it lowered is lowered; nothing is given
// again. It gives all the tenancy's grants.
func checkTakenOut(t *testing.T, rt *rapid.T, state *workflow.ApprovedState, tenancy workflow.Tenancy, files map[string]tree) []workflow.Grant {
	grants := tenancy.Grants()
	if len(grants) == 0 {
		return nil
	}
	left := *state
	request := rapid.SampledFrom(grants).Draw(rt, "what is taken out").Request
	without := tenancy.WithoutGrants(request)
	left.Tenancies = map[string]workflow.Tenancy{tenancy.Name: without}
	p := place{t, rt, snapshotOf(rt, &left)}
	now := renderedFor(t, rt, state.Policy, without)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		object := files[path]
		kept, stays := live(t, object), now[path] != nil
		switch {
		case stays && equal(object, now[path]):
		case stays:
			p.permit("the commit that lowers it", gitOps, kept, now[path])
			more := !equal(at(object, "spec"), at(now[path], "spec"))
			p.expect("an older revision", !more, gitOps, live(t, now[path]), object)
		default:
			p.permit("deletion after it was taken out", gitOps, kept, nil)
			p.permit("applying again after it was taken out", gitOps, kept, object)
			p.refuse("creation after it was taken out", gitOps, nil, object)
		}
	}
	return grants
}

// checkLeftOver: after the end nothing is made anew or changed, by anybody and
// at either path, but for a write that changes nothing.
func checkLeftOver(t *testing.T, rt *rapid.T, ended *Snapshot, object tree) {
	kept := live(t, object)
	changes := mutants(kept)
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(changes))).Draw(rt, "mutant of what is left")
	mutant := changes.on(t, kept, name)
	for _, user := range []string{gitOps, clusterAdmin} {
		for _, tenants := range []bool{false, true} {
			for what, request := range map[string]Request{
				"creation": write(t, user, nil, object), name: write(t, user, kept, mutant), "writing again": write(t, user, kept, kept),
			} {
				request.TenantNamespace = tenants
				if decision := Evaluate(ended, request); decision.Allowed != (what == "writing again") {
					rt.Fatalf("%s of what is left, %s by %q: allowed is %v:\n%s", what, decision.Object, user, decision.Allowed, DenialText(decision.Violations))
				}
			}
		}
	}
}
