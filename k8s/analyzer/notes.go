package analyzer

import (
	"slices"

	"tenure.dev/workflow"
)

// notes say what the clusters' network engines do differently for the
// exceptions that the change gives, at either end.
func (c *comparison) notes() []string {
	var notes []string
	for _, at := range c.changed {
		before, _ := c.before.exceptions(at)
		after, _ := c.after.exceptions(at)
		engine := c.after.state.Policy.Clusters[at.cluster].NetworkEngine
		for _, e := range after {
			if slices.ContainsFunc(before, func(was workflow.NetworkException) bool { return sameException(was, e) }) {
				continue
			}
			for _, note := range Notes(engine, e) {
				if !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
			}
		}
	}
	return notes
}

// exceptions lists what a namespace has been given, expired or not.
func (w *world) exceptions(at spot) ([]workflow.NetworkException, bool) {
	_, namespace, found := w.owner(at)
	return namespace.Network, found
}
