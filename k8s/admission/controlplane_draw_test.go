package admission

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// wantedGrants are what the tenancies that are tried on a control plane must hold
// between them.
var wantedGrants = []string{
	"a namespace of dev", "a namespace of prod", "a deployer", "objects counted", "a quota raised",
	"access of a group", "access of a person", "access for a time",
	"an exception to a range", "an exception to IPv6", "an exception to the internet", "an exception to a name", "an exception to a namespace",
	"an exemption", "a host", "a registry", "a class",
}

// grantsHeld names which of wantedGrants a tenancy holds.
func grantsHeld(tenancy workflow.Tenancy) map[string]bool {
	held := map[string]bool{"a deployer": len(tenancy.Repositories) > 0}
	note := func(what string, has bool) { held[what] = held[what] || has }
	for _, n := range tenancy.Namespaces {
		note("a namespace of "+n.Environment, true)
		note("objects counted", len(n.Quota.Objects) > 0)
		note("a quota raised", n.Quota.Raise != nil)
		note("an exemption", len(n.Exemptions) > 0)
		note("a host", len(n.Hosts) > 0)
		note("a registry", len(n.Registries) > 0)
		note("a class", n.Classification != "")
		for _, access := range n.Access {
			note("access of a group", access.Group != "")
			note("access of a person", access.Person != "")
			note("access for a time", !access.Until.IsZero())
		}
		for _, exception := range n.Network {
			note("an exception to "+peerWords(exception), true)
		}
	}
	maps.DeleteFunc(held, func(_ string, has bool) bool { return !has })
	return held
}

func peerWords(exception workflow.NetworkException) string {
	peer := exception.To
	if peer == nil {
		peer = exception.From
	}
	switch {
	case peer.Internet:
		return "the internet"
	case peer.FQDN != "":
		return "a name"
	case strings.Contains(peer.CIDR, ":"):
		return "IPv6"
	case peer.CIDR != "":
		return "a range"
	}
	return "a namespace"
}

// maxSeeds is how many tenancies are drawn before it is said that something is never drawn.
const maxSeeds = 500

// drawnTogether draws tenancies under one policy, and keeps those that bring a kind
// of grant that none before them had. The same ones are drawn each time.
func drawnTogether(t *testing.T) *workflow.ApprovedState {
	t.Helper()
	generator := rapid.Custom(drawState)
	lacking := map[string]bool{}
	for _, what := range wantedGrants {
		lacking[what] = true
	}
	var state *workflow.ApprovedState
	for seed := range maxSeeds {
		drawn := generator.Example(seed)
		if state == nil && len(drawn.Policy.PlatformFlows) == 2 {
			copied := *drawn
			state, copied.Tenancies = &copied, map[string]workflow.Tenancy{}
		}
		if state == nil {
			continue
		}
		for name, tenancy := range drawn.Tenancies {
			before := len(lacking)
			for what := range grantsHeld(tenancy) {
				delete(lacking, what)
			}
			if len(lacking) == before {
				continue
			}
			for i := range tenancy.Namespaces { // what YAML cannot hold, no form takes
				tenancy.Namespaces[i].Purpose = printable(tenancy.Namespaces[i].Purpose)
			}
			state.Tenancies[name] = tenancy
		}
		if len(lacking) == 0 {
			return state
		}
	}
	t.Fatalf("nothing that is drawn holds %v", slices.Sorted(maps.Keys(lacking)))
	return nil
}

// What is tried on a control plane is drawn there; that it holds everything is seen here.
func TestTheTenanciesForAControlPlaneHoldEveryKindOfGrant(t *testing.T) {
	if tenancies := len(drawnTogether(t).Tenancies); tenancies > 12 {
		t.Errorf("%d tenancies take too long to try", tenancies)
	}
}
