package workflow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
)

// QuotaChange asks for other amounts for a namespace: lasting ones, or with an
// end a temporary increase. It holds what was typed, as it was typed.
type QuotaChange struct {
	Cluster   string                 `json:"cluster"`
	Namespace string                 `json:"namespace"`
	CPU       string                 `json:"cpu"`
	Memory    string                 `json:"memory"`
	Storage   string                 `json:"storage"`
	Pods      string                 `json:"pods"`
	Objects   map[ObjectCount]string `json:"objects,omitempty"` // what is empty is not counted
	Until     string                 `json:"until,omitempty"`   // empty: lasting
	// Confirmed says that the person knows that some amount is below what is in
	// use: what runs goes on, and nothing new starts until enough of it has gone.
	Confirmed bool   `json:"confirmed,omitempty"`
	Reason    string `json:"reason"`
}

var _ dated = QuotaChange{}

// QuotaFormPath is the portal's form for a quota. Denials lead to it, filled in
// with the amounts that were refused.
const QuotaFormPath = "/requests/new/quota"

// Link leads to the form with all of this filled in, as a path with a query
// whose names are those of the form's fields; those of counted objects begin
// with "objects.". What is empty is left out.
func (c QuotaChange) Link(tenant string) string {
	fields := map[string]string{
		"tenant": tenant, "cluster": c.Cluster, "namespace": c.Namespace, "cpu": c.CPU, "memory": c.Memory,
		"storage": c.Storage, "pods": c.Pods, "until": c.Until, "reason": c.Reason,
	}
	for kind, count := range c.Objects {
		fields["objects."+string(kind)] = count
	}
	return formLink(QuotaFormPath, fields)
}

// Kind is KindQuota.
func (QuotaChange) Kind() Kind { return KindQuota }

// Title names the namespace and its cluster.
func (c QuotaChange) Title() string {
	if !c.lasts() {
		return "Temporary quota of " + c.Namespace + " on " + c.Cluster
	}
	return "Quota of " + c.Namespace + " on " + c.Cluster
}

// lasts says whether the amounts are asked for without an end.
func (c QuotaChange) lasts() bool { return strings.TrimSpace(c.Until) == "" }

// Why is the reason that was given.
func (c QuotaChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply sets the lasting amounts, or the temporary increase in place of an
// earlier one.
func (c QuotaChange) Apply(_ *ApprovedState, tenancy Tenancy, request int64) (Tenancy, []FieldProblem) {
	size, until, problems := c.read()
	n, found := tenancy.Namespace(c.Cluster, c.Namespace)
	if !found {
		problems.add("namespace", tenancy.checkPlace(c.Cluster, c.Namespace))
	} else if len(problems) == 0 {
		problems = c.against(n.Quota, size, until)
	}
	if len(problems) > 0 {
		return tenancy, problems
	}
	after := tenancy.with(c.Cluster, c.Namespace, func(n *Namespace) {
		if until.IsZero() {
			raise := n.Quota.Raise
			n.Quota = size.quotaOf(request)
			n.Quota.Raise = raise
			return
		}
		n.Quota.Raise = &QuotaRaise{
			CPU: size.CPU, Memory: size.Memory, Storage: size.Storage, Pods: size.Pods, Objects: size.Objects, Until: until, Request: request,
		}
	})
	return after, after.overCeilingIn(map[string]string{"CPU": "cpu", "memory": "memory", "storage": "storage"},
		"Ask for less, or ask the platform team for a higher ceiling.")
}

// checkAlone says of the namespace only that it must be chosen.
func (c QuotaChange) checkAlone(Policy) []FieldProblem {
	_, _, problems := c.read()
	if c.Namespace == "" {
		problems.add("namespace", needNamespace)
	}
	return problems
}

// checkDates holds the end of an increase against the planning time.
func (c QuotaChange) checkDates(policy Policy, at time.Time) []FieldProblem {
	return checkTerm(c.Until, at, policy.Requests.Quota.term("a temporary increase"))
}

// rivals refuses two requests for the quota of one namespace: the later one
// would undo the earlier.
func (c QuotaChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(QuotaChange)
	return FieldProblem{Field: "namespace", Message: fmt.Sprintf("Request %d by %s already asks for another quota of %q. Wait until it is decided, or have it withdrawn.", other.ID, other.RequestedBy.Name, c.Namespace)},
		same && rival.Namespace == c.Namespace && rival.Cluster == c.Cluster && rival.lasts() == c.lasts()
}

// read reads every field as typed.
func (c QuotaChange) read() (size Size, until time.Time, problems typedProblems) {
	quantity := func(field, text string, unit QuantityUnit) (q resource.Quantity) {
		q, message := parseQuantity(text, unit)
		problems.add(field, message)
		return q
	}
	size.CPU = quantity("cpu", c.CPU, UnitCPU)
	size.Memory = quantity("memory", c.Memory, UnitMemory)
	size.Storage = quantity("storage", c.Storage, UnitStorage)
	var message string
	size.Pods, message = parseCount(c.Pods)
	problems.add("pods", message)
	for _, kind := range slices.Sorted(maps.Keys(c.Objects)) {
		text := strings.TrimSpace(c.Objects[kind])
		if !kind.known() {
			problems.add("objects", fmt.Sprintf("%s is nothing that a quota counts; it counts %s.", shortened(string(kind)), oneOf(ObjectCounts())))
			break
		}
		if text == "" {
			continue
		}
		count, message := parseCount(text)
		problems.add("objects."+string(kind), message)
		if kind == CountLoadBalancers && count == 0 {
			continue // there are none where nothing is said
		}
		if size.Objects == nil {
			size.Objects = map[ObjectCount]int64{}
		}
		size.Objects[kind] = count
	}
	if !c.lasts() {
		until, message = parseUntil(c.Until)
		problems.add("until", message)
	}
	problems.addReason("reason", c.Reason, "Say in a sentence what the amounts are for. Reviewers read it first.")
	return size, until, problems
}

// against holds the amounts against what the namespace has.
func (c QuotaChange) against(has Quota, size Size, until time.Time) (problems typedProblems) {
	lasting := has.Lasting()
	if until.IsZero() {
		if size.equal(lasting) {
			problems.add("cpu", fmt.Sprintf("%s has exactly these amounts already, since request %d. Change at least one.", c.Namespace, has.Request))
		}
		return problems
	}
	for _, a := range size.beside(lasting) {
		switch {
		case a.less() && a.other == nil:
			problems.add(a.field, fmt.Sprintf("The lasting amounts set no limit for %s. A temporary increase lowers nothing: leave it empty.", a.what))
		case a.less():
			problems.add(a.field, fmt.Sprintf("%s is less than the lasting %s. A temporary increase lowers nothing: write %s or more.", a.text(), a.otherText(), a.otherText()))
		}
	}
	if len(problems) == 0 && size.equal(lasting) {
		problems.add("cpu", "A temporary increase gives more of something than the namespace has. Raise at least one amount, or leave the end empty for lasting amounts.")
	}
	if raise := has.Raise; raise != nil && raise.Size().equal(size) && !until.After(raise.Until) {
		problems.add("until", fmt.Sprintf("Request %d gives exactly this until %s already.", raise.Request, untilText(raise.Until)))
	}
	return problems
}
