package analyzer

import (
	"time"

	"tenure.dev/workflow"
)

// Analyzer says what may talk to what. The zero value is ready, and knows of no
// workloads.
type Analyzer struct {
	Workloads workflow.Workloads // what runs now; nil where nobody knows
}

var _ workflow.Analyzer = Analyzer{}

// Change compares the approved state with the one in which these tenancies stand
// instead of theirs. An error means that something cannot be rendered.
func (a Analyzer) Change(state *workflow.ApprovedState, tenant string, after []workflow.Tenancy, at time.Time) (workflow.NetworkReport, error) {
	c, err := compare(state, tenant, after, at)
	if err != nil {
		return workflow.NetworkReport{}, err
	}
	c.workloads = a.Workloads
	report := workflow.NetworkReport{Sentences: c.sentences(), Notes: c.notes()}
	if report.Redundant, err = c.redundant(); err != nil {
		return workflow.NetworkReport{}, err
	}
	if report.Findings, err = c.findings(); err != nil {
		return workflow.NetworkReport{}, err
	}
	report.Connectivity = picture{tenant: tenant, workloads: a.Workloads, world: c.after}.draw(c.lines)
	return report, nil
}

// Now is what the namespaces of a tenant let through, those of one cluster and
// name where namespace is not empty. A tenant or a namespace that is not there
// lets nothing through.
func (a Analyzer) Now(state *workflow.ApprovedState, tenant, cluster, namespace string, at time.Time) (workflow.Connectivity, error) {
	w := newWorld(state, at)
	var grants []*grant
	for _, n := range state.Tenancies[tenant].Namespaces {
		if namespace != "" && (n.Cluster != cluster || n.Name != namespace) {
			continue
		}
		p, err := w.place(spot{n.Cluster, n.Name})
		if err != nil {
			return workflow.Connectivity{}, err
		}
		grants = append(grants, p.grants...)
	}
	arrows, err := w.arrows(grants)
	if err != nil {
		return workflow.Connectivity{}, err
	}
	lines, err := linesOf(arrows)
	if err != nil {
		return workflow.Connectivity{}, err
	}
	return picture{tenant: tenant, workloads: a.Workloads, world: w, grouped: namespace == ""}.draw(lines), nil
}
