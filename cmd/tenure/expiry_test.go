package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/gitops"
	"tenure.dev/workflow"
)

// openedTenancies are those of development, with a namespace of payments that
// may reach addresses until then.
func openedTenancies(until time.Time) []workflow.Tenancy {
	tenancies := devTenancies()
	tenancies[0].Namespaces = []workflow.Namespace{{
		Name: "payments-web", Cluster: devCluster, Environment: "dev", PodSecurity: workflow.LevelRestricted, Purpose: "The shop.", Request: 1,
		Quota: workflow.Quota{CPU: resource.MustParse("1"), Memory: resource.MustParse("1Gi"), Storage: resource.MustParse("1Gi"), Pods: 5, Request: 1},
		Network: []workflow.NetworkException{{
			Direction: workflow.Egress, To: &workflow.FlowPeer{CIDR: "10.20.0.0/16"}, Until: until, Request: 61,
			Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 5432}},
		}},
	}}
	return tenancies
}

func TestServingEndsWhatExpiresByTheClockOfDevelopment(t *testing.T) {
	s := devSettings(t, t.TempDir())
	s.DevClock = filepath.Join(t.TempDir(), "clock")
	key, err := ensureSigningKey(s.SigningKey, "", systemClock{})
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	first, err := initialise(t.Context(), s, key, devPolicy, openedTenancies(until), systemClock{})
	if err != nil {
		t.Fatal(err)
	}
	r := startDev(t, s)
	verified := func() gitops.Report {
		report, err := gitops.Verify(t.Context(), s.Repository, gitops.VerifyOptions{Rules: gitops.Rules{Trust: []string{key.Fingerprint()}}})
		if err != nil || !report.OK() {
			t.Fatalf("verify: %+v, %v", report, err)
		}
		return report
	}
	if head := verified().Head; head != first {
		t.Fatalf("something was committed before the end: %s", head)
	}
	writeFile(t, s.DevClock, "25h")
	eventually(t, "the exception ended", func() bool { r.mustRun(); return verified().Commits == 2 })
	if err := r.end(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// ownOpening is a policy of the tenant's own that opens what the exception of
// openedTenancies grants.
const ownOpening = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ledger, namespace: payments-web}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 10.20.7.0/24}}], ports: [{protocol: TCP, port: 5432}]}]
`

func TestAWebhookAloneJudgesByTheClockOfDevelopment(t *testing.T) {
	w, clock := newWorld(t), filepath.Join(t.TempDir(), "clock")
	remote := filepath.Join(t.TempDir(), "opened.git")
	until := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	if _, err := initialise(t.Context(), settings{Repository: remote, Branch: "main"}, w.key, devPolicy, openedTenancies(until), systemClock{}); err != nil {
		t.Fatal(err)
	}
	r := startWebhook(t, t.TempDir(), "--repository", remote, "--trust", w.trust(), "--dev-clock", clock)
	for _, step := range []struct {
		ahead string
		want  bool
	}{{"0s", true}, {"25h", false}, {"0s", true}} {
		writeFile(t, clock, step.ahead)
		switch got := r.validate(ownOpening); {
		case got.Allowed != step.want:
			t.Errorf("%s ahead it is allowed: %t, want %t: %+v", step.ahead, got.Allowed, step.want, got.Result)
		case !got.Allowed && !strings.Contains(got.Result.Message, "network-opening: "):
			t.Errorf("%s ahead it is refused otherwise: %s", step.ahead, got.Result.Message)
		}
	}
}
