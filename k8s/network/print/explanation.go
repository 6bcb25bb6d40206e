package print

import (
	"fmt"
	"io"
	"strings"

	"tenure.dev/k8s/network"
)

// Explanation writes which policies decide a flow, at both ends.
func Explanation(w io.Writer, format Format, flow string, e network.Explanation) error {
	switch format {
	case JSON:
		return writeJSON(w, e)
	case DOT:
		return explainDOT(w, flow, e)
	}
	verdict, bullet := "not let through", "  "
	if e.Allowed {
		verdict = "let through"
	}
	if format == Markdown {
		bullet = "- "
	}
	lines := []string{fmt.Sprintf("%s is %s.", flow, verdict)}
	if e.SamePod {
		lines = append(lines, bullet+"It is a pod's traffic to itself, which no policy stops.")
	}
	for _, side := range sides(e) {
		lines = append(lines, bullet+side.sentence())
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// side is one end of an explained flow.
type side struct {
	direction network.Direction
	*network.Side
}

func sides(e network.Explanation) []side {
	var all []side
	if e.Egress != nil {
		all = append(all, side{network.Egress, e.Egress})
	}
	if e.Ingress != nil {
		all = append(all, side{network.Ingress, e.Ingress})
	}
	return all
}

// sentence says what one end decides, and by what.
func (s side) sentence() string {
	begin := fmt.Sprintf("%s of %s: ", s.direction, s.Namespace)
	switch {
	case len(s.Policies) == 0:
		return begin + "let through, since no policy selects the pod."
	case !s.Allowed:
		return begin + "stopped. The pod is selected by " + strings.Join(s.Policies, ", ") + ", and no rule of these lets it through."
	}
	rules := make([]string, len(s.Rules))
	for i, rule := range s.Rules {
		rules[i] = rule.Policy + " " + s.path(rule)
	}
	return begin + "let through by " + strings.Join(rules, ", ") + "."
}

// path names a rule as it stands in the policy.
func (s side) path(rule network.Rule) string {
	list, peers := "spec.egress", "to"
	if s.direction == network.Ingress {
		list, peers = "spec.ingress", "from"
	}
	path := fmt.Sprintf("%s[%d]", list, rule.Rule)
	if rule.Peer >= 0 {
		path += fmt.Sprintf(".%s[%d]", peers, rule.Peer)
	}
	return path
}

// explainDOT draws the flow with the policies that decide it at each end.
func explainDOT(w io.Writer, flow string, e network.Explanation) error {
	verdict := "not let through"
	if e.Allowed {
		verdict = "let through"
	}
	lines := []string{"digraph explanation {", "  rankdir=LR;", "  node [shape=box];",
		fmt.Sprintf("  flow [shape=plaintext, label=%s];", quote(flow+": "+verdict))}
	for _, s := range sides(e) {
		for _, policy := range s.Policies {
			label, style := "isolates", ", style=dashed"
			for _, rule := range s.Rules {
				if rule.Policy == policy {
					label, style = s.path(rule), ""
				}
			}
			lines = append(lines, fmt.Sprintf("  %s -> flow [label=%s%s];", quote(s.Namespace+"/"+policy), quote(string(s.direction)+": "+label), style))
		}
	}
	_, err := fmt.Fprintln(w, strings.Join(append(lines, "}"), "\n"))
	return err
}
