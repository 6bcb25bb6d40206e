package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ProveEnd returns every objection to an end, as sentences. An end may only
// narrow: every tenancy afterwards is the one before without the entries that
// go, and nothing else. Who decided is proved as for a grant; the end of a
// grant whose time came needs nobody, and is proved by that time.
//
// What the policy asks of tenancies is not asked here: taking something away
// must go through also where a newer policy would not give the rest again.
func ProveEnd(p Proof) []string {
	if p.Message.Ends != 0 {
		return p.proveExpiry()
	}
	end, objections := p.ending()
	return slices.Concat(objections, p.proveNarrower(end), p.proveDecision())
}

// ending is what the commit takes away, told from its namespaces, grants and
// access. Whether that is all it does is for proveNarrower to say.
func (p Proof) ending() (end ending, objections []string) {
	plan := p.plan()
	removed, closed, revoked := plan.removed(), plan.closed(), plan.revoked()
	switch {
	case p.Message.Kind != KindRemoval:
		return end, []string{fmt.Sprintf("a request of kind %q ends nothing", p.Message.Kind)}
	case p.After.none() && len(p.Before.Namespaces) > 0:
		return end, []string{fmt.Sprintf("a tenant goes only when it is empty, and %s had %d namespaces", p.Before.Name, len(p.Before.Namespaces))}
	case p.After.none():
		return ending{tenant: p.Before.Name}, nil
	case len(removed) == 1:
		return endingOf(p.Before, removed[0].Cluster, removed[0].Name), nil
	case len(removed) > 1:
		return end, []string{fmt.Sprintf("a request of kind removal removes one namespace, not %d", len(removed))}
	case len(closed) == 0 && len(revoked) == 1:
		return ending{access: &revoked[0]}, nil
	case len(closed) == 0:
		return end, []string{"a request of kind removal removes one namespace, not 0, or ends what one request gave"}
	case len(closed) > 1:
		return end, []string{fmt.Sprintf("a request of kind removal ends what one request gave, not what %d gave", len(closed))}
	case len(p.Before.grantsOf(closed[0])) == 0:
		return end, []string{fmt.Sprintf("%s has nothing that request %d gave, so it is not its to end", p.Before.Name, closed[0])}
	}
	return ending{grants: closed}, nil
}

// proveExpiry holds the end of a grant against its time. The commit's own
// time bounds the moment of the decision, so that nobody ends early by naming a
// later one.
func (p Proof) proveExpiry() []string {
	var objections []string
	object := func(format string, args ...any) { objections = append(objections, fmt.Sprintf(format, args...)) }
	m := p.Message
	for what, given := range map[string]bool{
		"a request": m.Request != 0, "a kind": m.Kind != "", "a requester": !m.RequestedBy.ID.IsZero(),
		"approvals": len(m.ApprovedBy) > 0, "stages": len(m.Stages) > 0, "a plan": m.Plan != "",
	} {
		if given {
			object("the end of what expired rests on its time alone, yet it names %s", what)
		}
	}
	slices.Sort(objections)
	switch {
	case m.PlannedAt.IsZero():
		object("it does not say when it was decided")
	case m.PlannedAt.After(p.CommittedAt):
		object("it was decided at %s, after it was committed at %s", instant(m.PlannedAt), instant(p.CommittedAt))
	}
	entries := 0
	for _, slug := range slices.Sorted(maps.Keys(p.Holders)) {
		for _, g := range p.Holders[slug].grantsOf(m.Ends) {
			entries++
			switch {
			case g.Until.IsZero():
				object("the %s of request %d in %s has no end, and was taken away without anybody's approval", g.noun(), m.Ends, slug)
			case !g.Expired(m.PlannedAt):
				object("the %s of request %d in %s lasts until %s, and its end was decided at %s without anybody's approval", g.noun(), m.Ends, slug, instant(g.Until), instant(m.PlannedAt))
			}
		}
	}
	if entries == 0 {
		object("request %d gave nothing that could end", m.Ends)
	}
	return append(objections, p.proveNarrower(ending{grants: []int64{m.Ends}})...)
}

// proveNarrower objects to whatever the commit does beyond the end, and to what
// it leaves of it. The edits say what it is; the last word has the comparison
// of the whole tenancies, which does not depend on how these are taken apart.
func (p Proof) proveNarrower(end ending) []string {
	var objections []string
	changed := map[string]bool{}
	for _, side := range p.plan().sides() {
		if before, found := p.Holders[side.Before.Name]; !found || !before.equal(side.Before) {
			objections = append(objections, fmt.Sprintf("there was no such tenancy of %q before", side.Before.Name))
		}
		changed[side.Before.Name] = true
		objections = append(objections, side.proveNarrower(end)...)
	}
	for _, slug := range slices.Sorted(maps.Keys(p.Holders)) {
		if !changed[slug] && end.reaches(p.Holders[slug]) {
			objections = append(objections, fmt.Sprintf("a grant ends at both of its ends, yet %s keeps one", slug))
		}
	}
	return objections
}

// proveNarrower holds one tenancy against what the end leaves of it.
func (s OtherSide) proveNarrower(end ending) []string {
	var objections []string
	want := end.from(s.Before)
	left := entries(want)
	if want.none() && s.After.none() && !s.Before.none() {
		return nil
	}
	for _, edit := range Edits(s.Before, s.After) {
		expected, stays := left[edit.Entry]
		switch {
		case edit.Before == "":
			objections = append(objections, fmt.Sprintf("an end only takes away, yet %s is added", edit.Entry))
		case edit.After == "" && !endable(edit.Entry), edit.After != "" && !(stays && edit.After == expected):
			objections = append(objections, fmt.Sprintf("an end only takes away, yet %s changes", edit.Entry))
		}
	}
	if !want.equal(s.After) {
		objections = append(objections, fmt.Sprintf("what is left is not what there was before in %s without what ends", s.Before.Name))
	}
	return objections
}

// endable says whether an end can take the whole entry away.
func endable(entry string) bool {
	return strings.HasPrefix(entry, namespaceEntry) || strings.HasPrefix(entry, quotaEntry) || isGrantEntry(entry)
}

// equal says whether two tenancies are the same, to the last field. The order
// of their namespaces and of what these were given means nothing.
func (t Tenancy) equal(other Tenancy) bool {
	return t.Name == other.Name && encode(t.sorted()) == encode(other.sorted())
}

// sorted gives the tenancy with its entries in the order of the document.
func (t Tenancy) sorted() Tenancy {
	t.Namespaces = slices.Clone(t.Namespaces)
	slices.SortFunc(t.Namespaces, Namespace.compare)
	for i, n := range t.Namespaces {
		t.Namespaces[i] = n.ordered()
		t.Namespaces[i].Access = slices.SortedFunc(slices.Values(n.Access), Access.compare)
		t.Namespaces[i].Network = slices.SortedFunc(slices.Values(n.Network), NetworkException.compare)
		t.Namespaces[i].Exemptions = slices.SortedFunc(slices.Values(n.Exemptions), Exemption.compare)
	}
	return t
}
