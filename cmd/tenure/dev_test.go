package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tenure.dev/k8s/admission"
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

func TestServeSaysWhatToDoAboutAFolderOfAnotherVersion(t *testing.T) {
	w := newWorld(t)
	n := newNative(t, w.remote)
	n.steal(w.key)
	ours := "Tenure-Renderer: " + manifest.RendererVersion
	message := n.git("log", "-1", "--format=%B")
	if !strings.Contains(message, ours) {
		t.Fatalf("the first commit does not say %q:\n%s", ours, message)
	}
	n.git("checkout", "-q", "--orphan", "earlier")
	n.run(strings.Replace(message, ours, "Tenure-Renderer: 1", 1)+"\n", "git", "-c", "user.signingkey="+w.trust(), "commit", "-q", "-S", "--cleanup=verbatim", "-F", "-")
	n.git("push", "-q", "--force", "origin", "HEAD:main")

	tenure(t, "serve", "--dev", "--data", w.data, "--listen", "127.0.0.1:0", "--webhook-listen", "127.0.0.1:0").
		want(t, 2, "", `its first commit does not prove (was made by another version of Tenure, with renderer "1"; this one has renderer `+manifest.RendererVersion+`); delete the folder "`+w.data+`" to start anew`)
	tenure(t, "verify", w.remote, "--trust", w.trust()).want(t, 1, `policy.yaml: was made by another version of Tenure, with renderer "1"`, "")
}

func TestDevelopmentTellsArgoCDWhereItsRepositoryIs(t *testing.T) {
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for repository, want := range map[string]string{
		"/srv/data/gitops.git":                 "file:///srv/data/gitops.git",
		"/srv/my data/gitops.git":              "file:///srv/my%20data/gitops.git",
		".tenure/gitops.git":                   "file://" + here + "/.tenure/gitops.git",
		"https://git.contoso.example/a/gitops": "https://git.contoso.example/a/gitops",
	} {
		document, err := developmentPolicy(settings{Repository: repository, BaseURL: "http://127.0.0.1:4321"})
		if err != nil {
			t.Fatal(err)
		}
		policy, err := manifest.DecodePolicy(manifest.PolicyPath, document)
		if err != nil {
			t.Fatalf("%s: %v", repository, err)
		}
		if problems := admission.CheckPolicy(policy); len(problems) > 0 {
			t.Errorf("%s: %v", repository, problems)
		}
		if policy.ArgoCD.Repository != want || policy.Portal != "http://127.0.0.1:4321" {
			t.Errorf("%s: Argo CD reads %q, want %q; the portal is %q", repository, policy.ArgoCD.Repository, want, policy.Portal)
		}
		for _, tenancy := range devTenancies() {
			if problems := append(tenancy.Check(), policy.Conforms(tenancy)...); len(problems) > 0 {
				t.Errorf("%s of %s: %v", tenancy.Name, repository, problems)
			}
		}
	}
}

func TestAllOfDevelopmentCanHoldOneRoleInOneNamespace(t *testing.T) {
	holders := map[string]string{}
	for name, access := range developmentSubjects() {
		binding := access.ObjectName()
		if other, taken := holders[binding]; taken {
			t.Errorf("the RoleBinding of %s has the name of that of %s: %s", name, other, binding)
		}
		holders[binding] = name
	}
}

// developmentSubjects has everybody of development with one role, each by a
// name of theirs.
func developmentSubjects() map[string]workflow.Access {
	subjects := map[string]workflow.Access{}
	for id, name := range devGroups {
		subjects[name] = workflow.Access{Group: id, Role: workflow.AccessView}
	}
	for _, p := range slices.Concat(devPeople, devPrograms) {
		subjects[p.Username] = workflow.Access{Person: p.ObjectID, User: p.Username, Role: workflow.AccessView}
	}
	return subjects
}

func TestDevelopmentsReviewersAreItsPeopleWithThoseRoles(t *testing.T) {
	policy, err := manifest.DecodePolicy(manifest.PolicyPath, devPolicy)
	if err != nil {
		t.Fatal(err)
	}
	for role, appRole := range map[workflow.Role]string{workflow.RoleSecurity: "Tenure.Security", workflow.RoleAdmin: "Tenure.Admin"} {
		var want []workflow.Reviewer
		for _, p := range devPeople {
			if slices.Contains(p.Roles, appRole) {
				want = append(want, workflow.Reviewer{ID: devTenant + "/" + p.ObjectID, Name: p.Name})
			}
		}
		if !slices.Equal(policy.Reviewers[role], want) {
			t.Errorf("devpolicy.yaml has as %s %v, want %v", role, policy.Reviewers[role], want)
		}
	}
}
