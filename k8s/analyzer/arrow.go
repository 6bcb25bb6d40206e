package analyzer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"tenure.dev/workflow"
)

// side is one end of an arrow.
type side struct {
	spot                      // the namespace; without a name for what is in none
	place  *place             // nil unless it is a tenant's namespace
	labels labels.Set         // of the pods
	words  string             // which pods they are, where labels are only an example of them
	peer   *workflow.FlowPeer // what it is, where it is not pods of one namespace
}

// arrow is what one grant lets through, or two that meet: egress of one
// namespace and ingress of another.
type arrow struct {
	from, to side
	out, in  *grant // nil for an end that was not asked
	missing  string // what keeps it from getting through, in words
	let      []part // what its own grants let through; nil until it was looked at
}

// grants lists the arrow's one or two.
func (a *arrow) grants() []*grant {
	return slices.DeleteFunc([]*grant{a.out, a.in}, func(g *grant) bool { return g == nil })
}

// request is the newest that the arrow rests on; 0 for the platform's alone.
func (a *arrow) request() int64 {
	var newest int64
	for _, g := range a.grants() {
		newest = max(newest, g.request)
	}
	return newest
}

// platform says whether the arrow rests on nothing but what every namespace has.
func (a *arrow) platform() bool {
	return !slices.ContainsFunc(a.grants(), func(g *grant) bool { return !g.platform })
}

// until is when the first of its grants ends; zero when none does.
func (a *arrow) until() time.Time {
	var first time.Time
	for _, g := range a.grants() {
		if !g.until.IsZero() && (first.IsZero() || g.until.Before(first)) {
			first = g.until
		}
	}
	return first
}

// because names what lets it through.
func (a *arrow) because() string {
	if a.paired() {
		return a.out.because
	}
	var names []string
	for _, g := range a.grants() {
		names = append(names, g.because)
	}
	return strings.Join(names, " and ")
}

// paired says whether both of its grants are of one request, as they are given.
func (a *arrow) paired() bool {
	return a.out != nil && a.in != nil && !a.out.platform && !a.in.platform && a.out.request == a.in.request
}

// arrows follows grants to their other ends. Each arrow comes once.
func (w *world) arrows(grants []*grant) ([]*arrow, error) {
	var found []*arrow
	met := map[[2]*grant]bool{}
	for _, g := range grants {
		arrows, err := w.arrowsOf(g)
		if err != nil {
			return nil, err
		}
		for _, a := range arrows {
			if pair := [2]*grant{a.out, a.in}; !met[pair] {
				met[pair] = true
				found = append(found, a)
			}
		}
	}
	return withoutShadows(found)
}

func (w *world) arrowsOf(g *grant) ([]*arrow, error) {
	there := spot{g.at.cluster, g.peer.Namespace}
	if g.peer.Namespace == "" {
		return []*arrow{g.arrow(side{spot: there, peer: &g.peer}, nil)}, nil
	}
	if w.platform(g.peer.Namespace) {
		return []*arrow{g.arrow(side{spot: there, labels: g.peerLabels(), words: selectorText(g.peer.PodSelector)}, nil)}, nil
	}
	other, err := w.place(there)
	if err != nil {
		return nil, err
	}
	oneSided := g.arrow(side{spot: there, place: other, labels: g.peerLabels()}, nil)
	if other == nil {
		oneSided.missing = fmt.Sprintf("There is no namespace %s on %s.", there.namespace, there.cluster)
		if g.platform { // the policy knows a namespace that Tenure does not
			oneSided.missing = ""
		}
		return []*arrow{oneSided}, nil
	}
	var met []*arrow
	for _, h := range other.grants {
		a, meets := g.meet(h)
		if !meets {
			continue
		}
		through, err := a.parts()
		if err != nil {
			return nil, err
		}
		if len(through) > 0 {
			met = append(met, a)
		}
	}
	if len(met) == 0 {
		oneSided.missing = there.namespace + " does not let it " + map[workflow.FlowDirection]string{workflow.Egress: "in", workflow.Ingress: "out"}[g.direction] + "."
		return []*arrow{oneSided}, nil
	}
	return met, nil
}

// arrow draws from the grant's own pods to the other side, or from there to
// them. h is the other side's grant.
func (g *grant) arrow(other side, h *grant) *arrow {
	own := side{spot: g.at.spot, place: g.at, labels: g.pods}
	if g.direction == workflow.Egress {
		return &arrow{from: own, to: other, out: g, in: h}
	}
	return &arrow{from: other, to: own, out: h, in: g}
}

// meet gives what two grants at two ends let through together: between the pods
// that both of them are for. It does not look at ports.
func (g *grant) meet(h *grant) (*arrow, bool) {
	if h.direction == g.direction || !h.reaches(g.at) || !g.reaches(h.at) {
		return nil, false
	}
	own, fit := together(g.pods, h.peerLabels())
	other, fits := together(h.pods, g.peerLabels())
	if !fit || !fits {
		return nil, false
	}
	a := g.arrow(side{spot: h.at.spot, place: h.at, labels: other}, h)
	if g.direction == workflow.Egress {
		a.from.labels = own
	} else {
		a.to.labels = own
	}
	return a, true
}

// reaches says whether pods of a namespace can be the grant's other side.
func (g *grant) reaches(p *place) bool {
	if g.peer.NamespaceSelector == nil {
		return g.peer.Namespace == p.namespace
	}
	selector, err := metav1.LabelSelectorAsSelector(labelSelector(g.peer.NamespaceSelector))
	return err == nil && selector.Matches(labels.Set(p.labels)) // rendering refused a selector that is none
}

// peerLabels are those of the pods on the other side: the fewest that a pod
// there has.
func (g *grant) peerLabels() labels.Set {
	if g.peer.PodSelector == nil {
		return g.peer.PodLabels
	}
	fewest := labels.Merge(g.peer.PodSelector.MatchLabels, nil)
	for _, r := range g.peer.PodSelector.MatchExpressions {
		switch metav1.LabelSelectorOperator(r.Operator) {
		case metav1.LabelSelectorOpIn:
			fewest[r.Key] = r.Values[0]
		case metav1.LabelSelectorOpExists:
			fewest[r.Key] = ""
		case metav1.LabelSelectorOpNotIn, metav1.LabelSelectorOpDoesNotExist: // without the label it fits
		}
	}
	return fewest
}

// together merges labels; false where no pod can have both.
func together(a, b map[string]string) (labels.Set, bool) {
	if labels.Conflicts(a, b) {
		return nil, false
	}
	return labels.Merge(a, b), true
}

// withoutShadows leaves out arrows of two requests' grants that happen to meet,
// where another arrow lets through all of it.
func withoutShadows(arrows []*arrow) ([]*arrow, error) {
	slices.SortStableFunc(arrows, func(a, b *arrow) int { return boolOrder(b.alone(), a.alone()) })
	var kept []*arrow
	for _, a := range arrows {
		covered := false
		for _, other := range kept {
			if a.alone() || other.from.spot != a.from.spot || other.to.spot != a.to.spot || other.missing != "" || covered {
				continue
			}
			beyond, err := a.beyond(other.grants())
			if err != nil {
				return nil, err
			}
			covered = len(beyond) == 0
		}
		if !covered {
			kept = append(kept, a)
		}
	}
	return kept, nil
}

// alone says whether the arrow is told whatever else there is.
func (a *arrow) alone() bool { return a.out == nil || a.in == nil || a.paired() || a.platform() }

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func labelSelector(selector *workflow.Selector) *metav1.LabelSelector {
	given := &metav1.LabelSelector{MatchLabels: selector.MatchLabels}
	for _, r := range selector.MatchExpressions {
		given.MatchExpressions = append(given.MatchExpressions, metav1.LabelSelectorRequirement{
			Key: r.Key, Operator: metav1.LabelSelectorOperator(r.Operator), Values: r.Values,
		})
	}
	return given
}
