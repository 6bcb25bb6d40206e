package workflow

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// policyEntry begins the name of an entry of the policy.
const policyEntry = "policy "

// reviewersEntry begins the name of the register of a role.
const reviewersEntry = policyEntry + "reviewers."

// PolicyEdits compares two policies entry by entry: "policy rules.trusted-registry",
// "policy sizes.small", "policy fallback". Each side is canonical JSON.
func PolicyEdits(before, after Policy) []Edit {
	was, is := before.entries(), after.entries()
	names := maps.Clone(was)
	maps.Copy(names, is)
	var edits []Edit
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if was[name] != is[name] {
			edits = append(edits, Edit{Entry: policyEntry + name, Before: was[name], After: is[name]})
		}
	}
	return edits
}

// entries takes a policy apart. What has entries by name is taken apart by name,
// and so are platform flows; lists in which the order decides stay whole. It
// goes over whatever the policy has as JSON, so that no field is ever left out.
func (p Policy) entries() map[string]string {
	p.PlatformNamespaces = slices.Sorted(slices.Values(p.PlatformNamespaces))
	p.ReservedNames = slices.Sorted(slices.Values(p.ReservedNames))
	flows := p.PlatformFlows
	p.PlatformFlows = nil
	parts := map[string]string{}
	for name, value := range membersOf(encode(p)) {
		if _, whole := wholeEntries[name]; whole || !strings.HasPrefix(value, "{") {
			parts[name] = value
			continue
		}
		for key, member := range membersOf(value) {
			parts[name+"."+key] = member
		}
	}
	for _, flow := range flows {
		parts["platformFlows."+flow.Name] = encode(flow)
	}
	return parts
}

// wholeEntries are the objects of a policy that are one entry, since their
// fields belong together.
var wholeEntries = map[string]struct{}{"containerDefaults": {}, "argocd": {}}

// membersOf takes a JSON object apart. What is nothing has no member.
func membersOf(object string) map[string]string {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &raw); err != nil {
		panic("workflow: plain data always decodes: " + err.Error())
	}
	members := make(map[string]string, len(raw))
	for name, value := range raw {
		if text := string(value); text != "null" {
			members[name] = text
		}
	}
	return members
}

// newReviewers lists whom edits add to a register of reviewers, by role.
func newReviewers(edits []Edit) map[Role][]Reviewer {
	added := map[Role][]Reviewer{}
	for _, edit := range edits {
		role, isRegister := strings.CutPrefix(edit.Entry, reviewersEntry)
		if !isRegister {
			continue
		}
		was, is := reviewersIn(edit.Before), reviewersIn(edit.After)
		for _, r := range is {
			if !slices.ContainsFunc(was, func(known Reviewer) bool { return known.ID == r.ID }) {
				added[Role(role)] = append(added[Role(role)], r)
			}
		}
	}
	return added
}

// reviewersIn reads a side of a register's edit; none where there is no side.
func reviewersIn(side string) []Reviewer {
	var list []Reviewer
	if side == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(side), &list); err != nil {
		panic("workflow: a register always decodes: " + err.Error())
	}
	return list
}

// registers says whether the plan's policy puts a person into a register of
// reviewers, so that their vote would count from then on.
func (p Plan) registers(id PersonID) bool {
	for _, people := range newReviewers(p.Edits) {
		if slices.ContainsFunc(people, func(r Reviewer) bool { return r.ID == id.String() && !id.IsZero() }) {
			return true
		}
	}
	return false
}
