package gitops

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

var ada = person(4, "Ada Admin") // the admin in the register; Olga is an admin who asks

// decree is another policy that Olga asked for, and an admin and security approved.
func decree(t testing.TB, state *workflow.ApprovedState, request int64, document string) grant {
	t.Helper()
	change := workflow.PolicyChange{Document: document, Reason: "It has to be."}
	planner := workflow.Planner{Renderer: manifest.Renderer{}, Directory: nobodyKnown{}, Policies: admission.PolicyReader{}}
	p, err := planner.Plan(t.Context(), state, workflow.Proposal{Request: request, RequestedBy: olga.ID, At: fixedClock{}.Now(), Change: change})
	if err != nil {
		t.Fatal(err)
	}
	return grant{files: p.Files, message: workflow.CommitMessage{
		Act: workflow.ActPolicy, Subject: "Policy", Request: request, Kind: workflow.KindPolicy, RequestedBy: olga,
		Stages: p.Stages, Plan: p.Digest, PlannedAt: p.PlannedAt, Renderer: p.Renderer,
		ApprovedBy: []workflow.Approval{{Person: ada, Stage: workflow.RoleAdmin}, {Person: sam, Stage: workflow.RoleSecurity}},
	}}
}

// What the tests change of the policy: one flow more, which every namespace has a
// file of, and what only admission and people read.
const (
	oldFlow = "    - {name: ingress, direction: ingress, from: {namespace: ingress-nginx}}\n"
	newFlow = oldFlow + "    - {name: monitoring, direction: ingress, from: {namespace: monitoring}}\n"
)

// monitored is the policy with one flow more.
func monitored(t testing.TB) string {
	return strings.Replace(string(readPolicy(t)), oldFlow, newFlow, 1)
}

// decide commits another policy through the repository.
func (w *world) decide(r *Repository, request int64, document string) string {
	w.Helper()
	state := w.state(r)
	g := decree(w, state, request, document)
	commit, err := r.Commit(w.Context(), state.Commit, g.files, g.message)
	if err != nil {
		w.Fatal(err)
	}
	return commit
}

func TestAPolicyIsCommittedVerifiedAndInForce(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "clone")
	r := w.openAt(w.remote, dir)
	if state := w.state(r); !bytes.Equal(state.PolicyDocument, readPolicy(t)) {
		t.Errorf("the first policy's text is %q", state.PolicyDocument)
	}
	w.commit(r, "payments", "payments-api-dev", 42)
	w.commit(r, "search", "search-dev", 43)
	before := w.state(r)
	commit := w.decide(r, 44, monitored(t))
	if report := w.verify(); !report.OK() || report.Verified != commit {
		t.Fatalf("verify: %+v", report)
	}
	for name, r := range map[string]*Repository{"at once": r, "after a restart": w.openAt(w.remote, dir), "in a new clone": w.open()} {
		state := w.state(r)
		if state.Commit != commit || len(state.Policy.PlatformFlows) != 2 || string(state.PolicyDocument) != monitored(t) || len(state.Tenancies["payments"].Namespaces) != 1 {
			t.Errorf("%s, in force is %+v at %s", name, state.Policy.PlatformFlows, state.Commit)
		}
		if found, is, err := r.Find(t.Context(), before.Commit, 44); err != nil || !is || found != commit {
			t.Errorf("%s, request 44 was fulfilled by %q, %v", name, found, err)
		}
	}
	if len(before.Policy.PlatformFlows) != 1 || string(before.PolicyDocument) != string(readPolicy(t)) {
		t.Error("the state before it changed")
	}
	n := newNative(t, w.remote)
	if changed := n.git("show", "--name-only", "--format=", "HEAD"); strings.Count(changed, "monitoring")+strings.Count(changed, "policy.yaml") != 3 {
		t.Errorf("it changes %q", changed)
	}
}

func TestWhatComesAfterAPolicyIsJudgedByIt(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.commit(r, "payments", "payments-api-dev", 42)
	w.decide(r, 43, monitored(t))
	w.commit(r, "payments", "payments-web-dev", 44) // with the new flow
	w.decide(r, 45, string(readPolicy(t)))          // as it was
	w.end(r, "payments", "payments-api-dev", 46)
	w.decide(r, 47, strings.Replace(string(readPolicy(t)), "pods: 20", "pods: 21", 1))
	if report := w.verify(); !report.OK() || report.Commits != 7 {
		t.Fatalf("verify: %+v", report)
	}
	if state := w.state(w.open()); state.Policy.Sizes["small"].Pods != 21 || len(state.Tenancies["payments"].Namespaces) != 1 {
		t.Errorf("in force is %+v", state.Policy.Sizes)
	}
}

func TestForeignCommitsAreUndoneBeforeAPolicy(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	w.commit(r, "payments", "payments-api-dev", 42)
	first := w.decide(r, 43, monitored(t))
	n := newNative(t, w.remote)
	n.write("policy.yaml", strings.Replace(n.read("policy.yaml"), "mode: deny", "mode: off", 1))
	n.write("README.md", "How we deploy\n")
	foreign := n.commit("", "Loosen it a little\n")
	if err := r.Refresh(t.Context()); err == nil || w.state(r).Commit != first {
		t.Fatalf("refresh says %v, and %s is served", err, w.state(r).Commit)
	}
	commit := w.decide(r, 44, strings.Replace(monitored(t), "pods: 20", "pods: 21", 1))
	report := w.verify()
	if report.Verified != commit || len(report.Objections) == 0 || report.Objections[0].Commit != foreign {
		t.Errorf("verify: %+v", report)
	}
	state := w.state(w.open())
	if state.Policy.Rules["trusted-registry"].Mode != workflow.RuleDeny || state.Policy.Sizes["small"].Pods != 21 {
		t.Errorf("in force is %+v", state.Policy.Rules)
	}
}

func TestAPolicyIsNotCommittedOnAStateThatMoved(t *testing.T) {
	w := newWorld(t)
	r := w.open()
	old := w.state(r)
	g := decree(t, old, 43, monitored(t))
	w.commit(r, "payments", "payments-api-dev", 42)
	if _, err := r.Commit(t.Context(), old.Commit, g.files, g.message); err == nil {
		t.Error("it was committed on an old base")
	}
	if _, err := r.Commit(t.Context(), w.state(r).Commit, g.files, g.message); err == nil || !strings.Contains(err.Error(), "is missing or old") {
		t.Errorf("without what follows for the new namespace, it says %v", err)
	}
	w.decide(r, 43, monitored(t))
}
