package analyzer

import (
	"net/url"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"tenure.dev/workflow"
)

// wants looks for a finding by its label; message "" means that there must be none.
func wants(t *testing.T, findings []workflow.Finding, label string, severity workflow.Severity, message string) {
	t.Helper()
	for _, f := range findings {
		if f.Label != label {
			continue
		}
		if f.Severity == severity && f.Message == message {
			return
		}
		if message == "" {
			t.Errorf("there is %+v", f)
		}
	}
	if message != "" {
		t.Errorf("there is no %s %q %q in %+v", severity, label, message, findings)
	}
}

func TestWhatAReviewerShouldNotOverlookIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		asked    workflow.NetworkException
		label    string
		severity workflow.Severity
		message  string
	}{
		"public addresses": {
			egress(90, "app=api", cidr("20.50.0.0/16"), december, ports("TCP", 443)), "internet", workflow.SeverityWarning,
			"Lets out to the internet: payments-api-dev (app=api) may send to public addresses: 20.50.0.0/16.",
		},
		"public addresses, inwards": {
			ingress(90, "app=api", cidr("20.50.0.0/16"), december, ports("TCP", 443)), "internet", workflow.SeverityDanger,
			"Lets the internet in: public addresses: 20.50.0.0/16 may send to payments-api-dev (app=api).",
		},
		"private addresses": {egress(90, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 443)), "internet", "", ""},
		"public but allowed by the platform": {
			egress(90, "app=api", cidr("20.190.128.0/17"), december, ports("TCP", 443)), "internet", workflow.SeverityWarning,
			"Lets out to the internet: payments-api-dev (app=api) may send to public addresses: 20.190.192.0/18.",
		},
		"a wide range": {
			egress(90, "app=api", cidr("172.16.0.0/12"), december, ports("TCP", 443)), "wide range", workflow.SeverityWarning,
			"172.16.0.0/12 is a wide range. A range of the addresses that are needed would be narrower.",
		},
		"no wide range":        {egress(90, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 443)), "wide range", "", ""},
		"no wide range of six": {egress(90, "app=api", cidr("fd12:3456:789a::/48"), december, ports("TCP", 443)), "wide range", "", ""},
		"the metadata service": {
			egress(90, "app=api", cidr("169.254.169.254/32"), december, ports("TCP", 80)), "refused addresses", workflow.SeverityDanger,
			"Reaches 169.254.169.254/32 (link-local addresses with the instance metadata service), which nobody may be given.",
		},
		"what the policy refuses": {
			egress(90, "app=api", cidr("10.0.0.0/16"), december, ports("TCP", 80)), "refused addresses", workflow.SeverityDanger,
			"Reaches 10.0.0.0/24 (the nodes of weu-1), which nobody may be given.",
		},
		"what the policy refuses, left out": {egress(90, "app=api", cidr("10.0.0.0/16", "10.0.0.0/24"), december, ports("TCP", 80)), "refused addresses", "", ""},
		"every pod": {
			egress(90, "", cidr("10.20.0.0/16"), december, ports("TCP", 80)), "every pod", workflow.SeverityWarning,
			"Is for every pod of payments-api-dev, also for those that come later. Labels would narrow it.",
		},
		"half of the longest": {egress(90, "app=api", cidr("10.20.0.0/16"), noon.AddDate(0, 0, 45), ports("TCP", 80)), "long", "", ""},
		"more than half": {
			egress(90, "app=api", cidr("10.20.0.0/16"), noon.AddDate(0, 0, 46), ports("TCP", 80)), "long", workflow.SeverityInfo,
			"Lasts 46 days, more than half of the longest that may be asked for (90 days).",
		},
		"a part that is allowed already": {
			egress(90, "app=api", cidr("20.190.0.0/16"), december, ports("TCP", 440, 450)), "partly redundant", workflow.SeverityInfo,
			"TCP 443 to 20.190.128.0/18 is already allowed by the platform's own flows.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := stateOf(tenancy("payments", namespace("payments-api-dev", "dev")))
			report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-dev", "dev", c.asked)))
			wants(t, report.Findings, c.label, c.severity, c.message)
			wants(t, report.Findings, "production", "", "")
		})
	}
}

func TestAWholeNamespaceOnTheOtherSideIsFound(t *testing.T) {
	asked := egress(90, "app=api", pods("payments-db-dev", ""), december, ports("TCP", 5432))
	there := ingress(90, "", pods("payments-api-dev", "app=api"), december, ports("TCP", 5432))
	state := stateOf(tenancy("payments", namespace("payments-api-dev", "dev"), namespace("payments-db-dev", "dev")))
	report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-dev", "dev", asked), namespace("payments-db-dev", "dev", there)))
	wants(t, report.Findings, "every pod", workflow.SeverityWarning, "Is for every pod of payments-db-dev, also for those that come later. Labels would narrow it.")
	wants(t, report.Findings, "another tenant", "", "")

	ledger := func(e ...workflow.NetworkException) workflow.Tenancy {
		return tenancy("ledger", namespace("ledger-db-dev", "dev", e...))
	}
	asked.To = &workflow.FlowPeer{Namespace: "ledger-db-dev"}
	state = stateOf(tenancy("payments", namespace("payments-api-dev", "dev")), ledger())
	report = change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-dev", "dev", asked)), ledger(there))
	wants(t, report.Findings, "whole namespace", workflow.SeverityWarning, "The other side is all of ledger-db-dev: every pod there, also those that come later.")
	wants(t, report.Findings, "another tenant", workflow.SeverityWarning, "Reaches across tenants: ledger-db-dev is ledger's.")
}

func TestExceptionsForPodsThatDoNotRunAreFoundWhereTheClusterTells(t *testing.T) {
	asked := egress(90, "app=api", cidr("10.20.0.0/16"), december, ports("TCP", 5432))
	state := stateOf(tenancy("payments", namespace("payments-api-dev", "dev")))
	after := tenancy("payments", namespace("payments-api-dev", "dev", asked))
	for name, c := range map[string]struct {
		workloads workflow.Workloads
		want      string
	}{
		"nobody knows":      {nil, ""},
		"not yet known":     {unknown{}, ""},
		"others run":        {known{"payments-api-dev": {{Kind: "Deployment", Name: "web", Labels: labelled("app=web")}}}, "No pod with app=api runs in payments-api-dev now."},
		"nothing runs":      {known{}, "No pod with app=api runs in payments-api-dev now."},
		"they run":          {known{"payments-api-dev": {{Kind: "Deployment", Name: "api", Labels: map[string]string{"app": "api", "tier": "w"}}}}, ""},
		"it runs elsewhere": {known{"payments-web-dev": {{Kind: "Deployment", Name: "api", Labels: labelled("app=api")}}}, "No pod with app=api runs in payments-api-dev now."},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, change(t, Analyzer{Workloads: c.workloads}, state, after).Findings, "selects nothing", workflow.SeverityInfo, c.want)
		})
	}
}

// unknown has heard of nothing yet.
type unknown struct{}

func (unknown) In(string, string) ([]workflow.Workload, bool) { return nil, false }

func TestAFlowThatOneEndDoesNotLetThroughComesWithTheRequestThatRepairsIt(t *testing.T) {
	toDB := egress(61, "app=api", pods("payments-db-dev", "app=db"), december, ports("TCP", 5432, 5433))
	for name, c := range map[string]struct {
		here, there []workflow.NetworkException
		missing     string
		form        string
	}{
		"egress without ingress": {
			[]workflow.NetworkException{toDB}, nil, "payments-db-dev does not let it in.",
			"cluster=weu-1 direction=ingress namespace=payments-db-dev peer=namespace peerNamespace=payments-api-dev peerPods=app=api pods=app=db ports=TCP 5432-5433",
		},
		"ingress without egress": {
			[]workflow.NetworkException{ingress(61, "app=api", pods("payments-db-dev", ""), december, ports("TCP", 80))}, nil, "payments-db-dev does not let it out.",
			"cluster=weu-1 direction=egress namespace=payments-db-dev peer=namespace peerNamespace=payments-api-dev peerPods=app=api ports=TCP 80",
		},
		"ingress for other ports": {
			[]workflow.NetworkException{toDB}, []workflow.NetworkException{ingress(62, "app=db", pods("payments-api-dev", "app=api"), december, ports("TCP", 80))}, "payments-db-dev does not let it in.",
			"cluster=weu-1 direction=ingress namespace=payments-db-dev peer=namespace peerNamespace=payments-api-dev peerPods=app=api pods=app=db ports=TCP 5432-5433",
		},
		"ingress that has ended": {
			[]workflow.NetworkException{toDB}, []workflow.NetworkException{ingress(62, "app=db", pods("payments-api-dev", "app=api"), noon, ports("TCP", 5432))}, "payments-db-dev does not let it in.",
			"cluster=weu-1 direction=ingress namespace=payments-db-dev peer=namespace peerNamespace=payments-api-dev peerPods=app=api pods=app=db ports=TCP 5432-5433",
		},
		"ingress for some of the ports": {[]workflow.NetworkException{toDB}, []workflow.NetworkException{ingress(62, "app=db", pods("payments-api-dev", ""), december, ports("TCP", 5432))}, "", ""},
		"a namespace that is not there": {
			[]workflow.NetworkException{egress(61, "app=api", pods("nobody-a", ""), december, ports("TCP", 80))}, nil, "There is no namespace nobody-a on weu-1.", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			state := stateOf(tenancy("payments", namespace("payments-api-dev", "dev"), namespace("payments-db-dev", "dev", c.there...)))
			report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-dev", "dev", c.here...), namespace("payments-db-dev", "dev", c.there...)))
			var found []workflow.Finding
			for _, f := range report.Findings {
				if f.Label == "one-sided" {
					found = append(found, f)
				}
			}
			if c.missing == "" {
				if len(found) > 0 || len(report.Sentences) != 1 {
					t.Errorf("it finds %+v and says %q", found, report.Sentences)
				}
				return
			}
			if len(found) != 1 || !strings.HasSuffix(found[0].Message, c.missing) || len(report.Sentences) > 0 {
				t.Fatalf("it finds %+v and says %q", found, report.Sentences)
			}
			path, query, _ := strings.Cut(found[0].Href, "?")
			values, err := url.ParseQuery(query)
			if got := formText(values); err != nil || got != c.form || (path != "/requests/new/network") == (c.form != "") {
				t.Errorf("the form is %q %q, want %q", path, got, c.form)
			}
		})
	}
}

func formText(values url.Values) string {
	var parts []string
	for _, name := range []string{"cluster", "direction", "namespace", "peer", "peerNamespace", "peerPods", "pods", "ports"} {
		if value := values.Get(name); value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	return strings.Join(parts, " ")
}

func TestADefaultDenyThatIsMissingOrUndoneIsFound(t *testing.T) {
	deny := func(selector map[string]string, types ...networkingv1.PolicyType) *networkingv1.NetworkPolicy {
		return &networkingv1.NetworkPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: "payments-api-dev", Name: "deny"},
			Spec:       networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: selector}, PolicyTypes: types},
		}
	}
	both := []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}
	opening := func(change func(*networkingv1.NetworkPolicySpec)) *networkingv1.NetworkPolicy {
		policy := deny(nil, both...)
		policy.Name = "open"
		change(&policy.Spec)
		return policy
	}
	everywhere := networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{}}
	anyAddress := networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "0.0.0.0/0"}}
	for name, c := range map[string]struct {
		policies []*networkingv1.NetworkPolicy
		want     string
	}{
		"closed":            {[]*networkingv1.NetworkPolicy{deny(nil, both...)}, ""},
		"no policy":         {nil, "no policy selects every pod for ingress, no policy selects every pod for egress"},
		"egress is missing": {[]*networkingv1.NetworkPolicy{deny(nil, networkingv1.PolicyTypeIngress)}, "no policy selects every pod for egress"},
		"only for some":     {[]*networkingv1.NetworkPolicy{deny(labelled("app=api"), both...)}, "no policy selects every pod for ingress, no policy selects every pod for egress"},
		"to every pod": {[]*networkingv1.NetworkPolicy{deny(nil, both...), opening(func(s *networkingv1.NetworkPolicySpec) {
			s.Ingress = []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{everywhere}}}
		})}, "a policy opens every port to every pod of the cluster"},
		"to every address": {[]*networkingv1.NetworkPolicy{deny(nil, both...), opening(func(s *networkingv1.NetworkPolicySpec) {
			s.Egress = []networkingv1.NetworkPolicyEgressRule{{To: []networkingv1.NetworkPolicyPeer{anyAddress}}}
		})}, "a policy opens every port to every address"},
		"a rule without peers": {[]*networkingv1.NetworkPolicy{deny(nil, both...), opening(func(s *networkingv1.NetworkPolicySpec) {
			s.Egress = []networkingv1.NetworkPolicyEgressRule{{}}
		})}, "a policy opens every port to every address, a policy opens every port to every pod of the cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			p := place{spot: spot{"weu-1", "payments-api-dev"}, policies: c.policies}
			open, err := p.open()
			if got := strings.Join(open, ", "); err != nil || got != c.want {
				t.Errorf("it finds %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestAPlatformFlowThatUndoesTheDefaultDenyIsFoundWithEveryNamespace(t *testing.T) {
	state := stateOf(tenancy("payments"))
	state.Policy.PlatformFlows = []workflow.PlatformFlow{{Name: "mesh", Direction: workflow.Ingress, From: &workflow.FlowPeer{NamespaceSelector: &workflow.Selector{}}}}
	report := change(t, Analyzer{}, state, tenancy("payments", namespace("payments-api-dev", "dev")))
	wants(t, report.Findings, "default-deny", workflow.SeverityDanger, "Nothing is closed by default in payments-api-dev: a policy opens every port to every pod of the cluster.")
}
