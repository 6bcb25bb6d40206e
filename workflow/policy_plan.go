package workflow

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// planPolicy plans another policy: it changes policy.yaml, and what follows from
// it for every tenancy.
func (p Planner) planPolicy(ctx context.Context, state *ApprovedState, proposal Proposal, change PolicyChange) (Plan, error) {
	document, policy, problems, err := change.read(p.Policies, state)
	if err != nil {
		return Plan{}, err
	}
	if err := invalidFields(append(problems, change.checkAlone(state.Policy)...)); err != nil {
		return Plan{}, err
	}
	plan := Plan{Base: state.Commit, PlannedAt: proposal.At.UTC(), Renderer: p.Renderer.Version(), Policy: &PolicyEffect{}}
	plan.Edits = PolicyEdits(state.Policy, policy)
	if err := p.renderPolicy(state, document, policy, &plan); err != nil {
		return Plan{}, err
	}
	if err := p.pickStages(ctx, state.Policy, proposal, &plan); err != nil {
		return Plan{}, err
	}
	d := policyDifference{before: state.Policy, after: policy, state: state, requester: proposal.RequestedBy}
	d.tell(plan.Edits)
	plan.Summary = append(d.lines, plan.Policy.words(len(plan.Files)-1))
	plan.Findings = append(plan.Findings, d.found...)
	p.look(ctx, state, state.under(policy, document), &plan)
	plan.Digest = digestOf(proposal.Request, KindPolicy, "", plan)
	return plan, nil
}

// renderPolicy fills in the files that change, and whose they are.
func (p Planner) renderPolicy(state *ApprovedState, document []byte, policy Policy, plan *Plan) error {
	slugs := slices.Sorted(maps.Keys(state.Tenancies))
	changes, errs := make([][]FileChange, len(slugs)), make([]error, len(slugs))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) { // there may be thousands of namespaces, and somebody waits
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(slugs)); i = next.Add(1) - 1 {
				changes[i], errs[i] = p.rerender(state.Policy, policy, state.Tenancies[slugs[i]])
			}
		})
	}
	workers.Wait()
	plan.Files = []FileChange{{Path: PolicyPath, Before: state.PolicyDocument, After: document}}
	for i, files := range changes {
		if errs[i] != nil {
			return errs[i]
		}
		if len(files) > 0 {
			plan.Policy.Tenants = append(plan.Policy.Tenants, effectOn(slugs[i], files))
			plan.Files = append(plan.Files, files...)
		}
	}
	slices.SortFunc(plan.Files, func(a, b FileChange) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// rerender lists a tenancy's files that differ under two policies.
func (p Planner) rerender(before, after Policy, tenancy Tenancy) ([]FileChange, error) {
	if same, err := SameFiles(p.Renderer, before, after, tenancy); err != nil {
		return nil, fmt.Errorf("compare what the files of %q rest on: %w", tenancy.Name, err)
	} else if same {
		return nil, nil
	}
	was, err := p.Renderer.Render(before, tenancy)
	if err != nil {
		return nil, fmt.Errorf("render %q as it is: %w", tenancy.Name, err)
	}
	is, err := p.Renderer.Render(after, tenancy)
	if err != nil {
		return nil, (&Problem{Kind: Invalid, Message: "The policy cannot be used. See the message beside it.", Fields: []FieldProblem{{
			Field: "document", Message: fmt.Sprintf("The manifests of %s cannot be made under it.", tenancy.Name)}}}).Because(err)
	}
	return compareRenderings(was, is), nil
}

// compareRenderings is compareFiles for two renderings that mostly are the same,
// file by file: both are sorted by path.
func compareRenderings(before, after []File) []FileChange {
	same := len(before) == len(after)
	for i := 0; same && i < len(before); i++ {
		same = before[i].Path == after[i].Path && bytes.Equal(before[i].Content, after[i].Content)
	}
	if same {
		return nil
	}
	return compareFiles(before, after)
}

// effectOn counts a tenant's files that change.
func effectOn(tenant string, files []FileChange) TenantEffect {
	effect := TenantEffect{Tenant: tenant, Files: len(files), Namespaces: []string{}}
	for _, f := range files {
		if place, ok := placeOfFile(f.Path); ok {
			effect.Namespaces = append(effect.Namespaces, place)
		}
	}
	slices.Sort(effect.Namespaces)
	effect.Namespaces = slices.Compact(effect.Namespaces)
	return effect
}

// placeOfFile is the namespace whose manifest a path is, as cluster/name:
// clusters/<cluster>/<tenant>/<namespace>/….
func placeOfFile(path string) (string, bool) {
	parts := strings.Split(path, "/")
	if !isManifest(path) || len(parts) != 5 {
		return "", false
	}
	return parts[1] + "/" + parts[3], true
}

// words say how many files change beside the policy.
func (e PolicyEffect) words(files int) string {
	if files == 0 {
		return "Changes no manifest: what is on the clusters stays as it is."
	}
	namespaces := 0
	for _, t := range e.Tenants {
		namespaces += len(t.Namespaces)
	}
	return fmt.Sprintf("Changes %s of %s, of %s.", counted(files, "file"), counted(namespaces, "namespace"), counted(len(e.Tenants), "tenant"))
}

// counted writes a number with its noun: "1 file", "2 files".
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// look asks what of the live objects the new policy would refuse. That nobody
// could say is no reason against the plan; it stands there.
func (p Planner) look(ctx context.Context, before, after *ApprovedState, plan *Plan) {
	if p.Impact == nil {
		return
	}
	effect, err := p.Impact.NewlyRefused(ctx, before, after)
	if err != nil {
		effect = LiveEffect{At: plan.PlannedAt, Unlooked: []UnlookedPart{{Why: "The clusters could not be asked, so nobody knows what of their objects it would refuse."}}}
	}
	plan.Policy.Live = &effect
	plan.Findings = append(plan.Findings, effect.findings()...)
}

// findings count what would newly be refused, and name what nobody looked at.
func (e LiveEffect) findings() []Finding {
	var found []Finding
	denied, warned := e.More, 0 // those beyond the list count as the graver
	for _, r := range e.Refused {
		if r.WarnOnly {
			warned++
		} else {
			denied++
		}
	}
	if denied > 0 {
		found = append(found, Finding{Severity: SeverityDanger, Label: fmt.Sprintf("%d would be refused", denied), Message: fmt.Sprintf(
			"%s that live now would newly be refused when they are written again, restarts and scaling of their workloads included.", counted(denied, "object"))})
	}
	if warned > 0 {
		found = append(found, Finding{Severity: SeverityWarning, Label: fmt.Sprintf("%d would be warned about", warned), Message: fmt.Sprintf(
			"%s that live now would newly be warned about when they are written again.", counted(warned, "object"))})
	}
	for _, part := range e.Unlooked {
		where := part.Cluster
		if where == "" {
			where = "the clusters"
		}
		found = append(found, Finding{Severity: SeverityWarning, Label: "not looked at", Message: fmt.Sprintf(
			"What lives on %s was not held against the new policy: %s", where, part.Why)})
	}
	return found
}

// MaxShownFiles is how many files a plan of another policy shows and is stored
// with. What is committed has them all: it is planned again.
const MaxShownFiles = 200

// abridged gives the plan as it is shown and stored. Only a plan of another
// policy is ever so long that something is left out.
func (p Plan) abridged() Plan {
	if p.Policy == nil || len(p.Files) <= MaxShownFiles {
		return p
	}
	effect := *p.Policy
	effect.Unshown += len(p.Files) - MaxShownFiles
	own := slices.IndexFunc(p.Files, func(f FileChange) bool { return f.Path == PolicyPath })
	files := []FileChange{p.Files[own]}
	others := slices.Delete(slices.Clone(p.Files), own, own+1)
	p.Files, p.Policy = append(files, others[:MaxShownFiles-1]...), &effect
	return p
}
