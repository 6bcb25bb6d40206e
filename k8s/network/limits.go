package network

import (
	"fmt"
	"strings"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Limits of a NetworkPolicy that somebody not trusted wrote. Comparing policies takes
// more steps the more they hold, multiplied, so one that is past them is not compared
// at all. Those that people write are far within.
const (
	MaxRules        = 200      // of ingress and egress together
	MaxPeers        = 500      // of all rules together
	MaxPorts        = 500      // of all rules together
	MaxRequirements = 500      // of all selectors together: labels, and values of expressions
	MaxExcepts      = 1000     // of all ipBlocks together
	MaxBytes        = 64 << 10 // of the spec as JSON
)

// Excess is one limit that a policy is past.
type Excess struct {
	Field  string // the field at which it is passed: "spec.egress[0].ports"
	Number int    // how many the policy has in all
	Most   int    // how many it may have
	What   string // of what, in the plural: "ports in all its rules"
}

// String is one sentence without its full stop.
func (e Excess) String() string {
	return fmt.Sprintf("a NetworkPolicy that is to be judged may have at most %d %s, and this has %d", e.Most, e.What, e.Number)
}

// LimitError says that a policy is too large to be compared. It must be treated as one
// that opens too much.
type LimitError []Excess

func (e LimitError) Error() string {
	texts := make([]string, len(e))
	for i, excess := range e {
		texts[i] = excess.Field + ": " + excess.String()
	}
	return strings.Join(texts, "; ")
}

// CheckLimits says by which limits a policy is too large, as a LimitError. Encoded is
// how many bytes the spec has as JSON; 0 where it was never encoded. It takes one step
// for each part of the policy.
func CheckLimits(spec *networkingv1.NetworkPolicySpec, encoded int) error {
	m := measure(spec)
	m.bytes.add(encoded, "spec")
	var found LimitError
	for _, count := range []*count{&m.rules, &m.peers, &m.ports, &m.requirements, &m.excepts, &m.bytes} {
		if count.number > count.most {
			found = append(found, Excess{count.field, count.number, count.most, count.what})
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found
}

// count is how much of something a policy has.
type count struct {
	number, most int
	what         string
	field        string // at which it went past the most
}

func (c *count) add(n int, field string) {
	if c.number += n; c.number > c.most && c.field == "" {
		c.field = field
	}
}

// size is how much a policy holds.
type size struct{ rules, peers, ports, requirements, excepts, bytes count }

func measure(spec *networkingv1.NetworkPolicySpec) *size {
	m := &size{
		rules:        count{most: MaxRules, what: "rules in both directions"},
		peers:        count{most: MaxPeers, what: "peers in all its rules"},
		ports:        count{most: MaxPorts, what: "ports in all its rules"},
		requirements: count{most: MaxRequirements, what: "labels and values in all its selectors"},
		excepts:      count{most: MaxExcepts, what: "except ranges in all its ipBlocks"},
		bytes:        count{most: MaxBytes, what: "bytes of spec as JSON"},
	}
	m.selector(&spec.PodSelector, "spec.podSelector")
	m.rules.add(len(spec.Ingress), "spec.ingress")
	m.rules.add(len(spec.Egress), "spec.egress")
	for i, rule := range spec.Ingress {
		m.rule(rule.From, rule.Ports, fmt.Sprintf("spec.ingress[%d].", i), "from")
	}
	for i, rule := range spec.Egress {
		m.rule(rule.To, rule.Ports, fmt.Sprintf("spec.egress[%d].", i), "to")
	}
	return m
}

func (m *size) rule(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, path, side string) {
	m.ports.add(len(ports), path+"ports")
	m.peers.add(len(peers), path+side)
	for i := range peers {
		m.selector(peers[i].PodSelector, path+side)
		m.selector(peers[i].NamespaceSelector, path+side)
		if peers[i].IPBlock != nil {
			m.excepts.add(len(peers[i].IPBlock.Except), path+side)
		}
	}
}

func (m *size) selector(source *metav1.LabelSelector, field string) {
	if source == nil {
		return
	}
	m.requirements.add(len(source.MatchLabels), field)
	for _, e := range source.MatchExpressions {
		m.requirements.add(max(1, len(e.Values)), field)
	}
}

// steps is what making the policy ready takes, in the unit of a comparison's steps.
func (m *size) steps() int {
	return 1 + m.rules.number + m.peers.number + m.ports.number + m.requirements.number + m.excepts.number
}
