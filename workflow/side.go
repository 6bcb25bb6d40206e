package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// OtherSide is the tenancy of another tenant that a plan changes as well: the
// far end of a network exception.
type OtherSide struct {
	Before Tenancy `json:"before"`
	After  Tenancy `json:"after"`
}

// crossing is a Change that also changes tenancies of other tenants. The planner
// asks for them after Apply found nothing wrong.
type crossing interface {
	// others gives the other tenants' tenancies that change, before and after, by
	// slug; none where the change stays within its tenant.
	others(base *ApprovedState, tenancy Tenancy, request int64) []OtherSide
}

// sides lists every tenancy that the plan changes: the tenant's own first.
func (p Plan) sides() []OtherSide {
	return append([]OtherSide{{Before: p.Before, After: p.After}}, p.Others...)
}

// editsOf lists the edits of every side. Those of other tenants name them.
func editsOf(sides []OtherSide) []Edit {
	var edits []Edit
	for i, side := range sides {
		for _, edit := range Edits(side.Before, side.After) {
			if i > 0 {
				edit.Tenant = side.After.Name
			}
			edits = append(edits, edit)
		}
	}
	return edits
}

// renderSides lists the files that change, of every side, by path.
func renderSides(renderer Renderer, policy Policy, sides []OtherSide) ([]FileChange, error) {
	var files []FileChange
	for _, side := range sides {
		was, err := renderTenancy(renderer, policy, side.Before)
		if err != nil {
			return nil, fmt.Errorf("render %q as it is: %w", side.Before.Name, err)
		}
		is, err := renderTenancy(renderer, policy, side.After)
		if err != nil {
			return nil, fmt.Errorf("render %q as it would be: %w", side.After.Name, err)
		}
		files = append(files, compareFiles(was, is)...)
	}
	slices.SortFunc(files, func(a, b FileChange) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// renderTenancy gives the files of a tenancy; none where there is no such one.
func renderTenancy(renderer Renderer, policy Policy, tenancy Tenancy) ([]File, error) {
	if tenancy.none() {
		return nil, nil
	}
	return renderer.Render(policy, tenancy)
}
