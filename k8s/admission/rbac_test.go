package admission

import (
	"context"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func bindingObject(kind, namespace, role string, subjects ...any) tree {
	metadata := tree{"name": "b"}
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	return tree{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata,
		"roleRef": tree{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}, "subjects": subjects,
	}
}

func subjectOf(kind, namespace, name string) tree {
	subject := tree{"kind": kind, "name": name}
	if namespace != "" {
		subject["namespace"] = namespace
	}
	return subject
}

func TestNobodyOfATenantIsBoundToClusterAdmin(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
		tenancy := state.Tenancies["payments"]
		tenancy.Owners, tenancy.Members = workflow.Group{Group: "owners"}, workflow.Group{Group: "members"}
		state.Tenancies["payments"] = tenancy
	})
	cases := map[string]struct {
		subject tree
		says    string // empty: allowed
	}{
		"the owners":                       {subjectOf("Group", "", "owners"), `subjects[0].name "owners": this Group is of tenant payments`},
		"the members":                      {subjectOf("Group", "", "members"), "is of tenant payments"},
		"a group with access":              {subjectOf("Group", "", "77de0000-0000-4000-8000-000000000001"), "is of tenant payments"},
		"a service account":                {subjectOf("ServiceAccount", "search-dev", "default"), `this ServiceAccount is of tenant search`},
		"a service account as a user":      {subjectOf("User", "", "system:serviceaccount:search-dev:default"), "is of tenant search"},
		"every service account of a space": {subjectOf("Group", "", "system:serviceaccounts:search-dev"), "is of tenant search"},
		"every service account":            {subjectOf("Group", "", "system:serviceaccounts"), "every tenant is in this Group"},
		"whoever is signed in":             {subjectOf("Group", "", "system:authenticated"), "every tenant is in this Group"},
		"whoever is not":                   {subjectOf("Group", "", "system:unauthenticated"), "every tenant is in this Group"},
		"the platform's own group":         {subjectOf("Group", "", "platform-team"), ""},
		"the platform's service account":   {subjectOf("ServiceAccount", "kube-system", "default"), ""},
		"a group named like a tenant":      {subjectOf("User", "", "owners"), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := write(t, clusterAdmin, nil, bindingObject("ClusterRoleBinding", "", "cluster-admin", c.subject))
			if c.says == "" {
				expectAllowed(t, snapshot, request)
				return
			}
			if text := expectRefused(t, snapshot, request, "rbac-cluster-admin"); !strings.Contains(text, c.says) {
				t.Errorf("the denial does not say %q:\n%s", c.says, text)
			}
			expectAllowed(t, snapshot, write(t, clusterAdmin, nil, bindingObject("ClusterRoleBinding", "", "view", c.subject)))
		})
	}
}

func TestABindingToClusterAdminIsTakenAwayAndKeptButGetsNobodyNew(t *testing.T) {
	snapshot := testSnapshot(t)
	tenants := subjectOf("ServiceAccount", testSpace, "default")
	before := bindingObject("ClusterRoleBinding", "", "cluster-admin", subjectOf("Group", "", "platform-team"), tenants)
	expectAllowed(t, snapshot, write(t, clusterAdmin, before, nil))

	kept := clone(t, before)
	set(kept, tree{"a": "b"}, "metadata", "labels")
	expectAllowed(t, snapshot, write(t, clusterAdmin, before, kept))
	expectAllowed(t, snapshot, write(t, clusterAdmin, before, bindingObject("ClusterRoleBinding", "", "cluster-admin", tenants)))

	more := bindingObject("ClusterRoleBinding", "", "cluster-admin", tenants, subjectOf("ServiceAccount", "search-dev", "default"))
	if text := expectRefused(t, snapshot, write(t, clusterAdmin, before, more), "rbac-cluster-admin"); strings.Contains(text, "subjects[0]") {
		t.Errorf("who had the role already is named:\n%s", text)
	}
	// The same subjects have not had this role.
	harmless := clone(t, before)
	set(harmless, "view", "roleRef", "name")
	expectRefused(t, snapshot, write(t, clusterAdmin, harmless, before), "rbac-cluster-admin")
}

func TestABindingToClusterAdminInATenantsNamespaceSaysBothWhyItIsNeverAndNotNow(t *testing.T) {
	snapshot := testSnapshot(t)
	object := bindingObject("RoleBinding", testSpace, "cluster-admin", subjectOf("User", "", "eve"))
	want := `rbac-cluster-admin: roleRef.name "cluster-admin": ClusterRole cluster-admin allows everything, and no exemption gives that in a tenant's namespace. Ask for access: https://tenure.contoso.example/requests/new/access?cluster=weu-1&namespace=payments-api-prod&subject=person&tenant=payments
governed: metadata.name "b": only system:serviceaccount:argocd:gitops writes the RoleBinding of a tenant's namespace, as it was approved. Ask for access: https://tenure.contoso.example/requests/new/access?cluster=weu-1&namespace=payments-api-prod&subject=person&tenant=payments`
	if text := expectRefused(t, snapshot, write(t, clusterAdmin, nil, object), "rbac-cluster-admin"); text != want {
		t.Errorf("the denial is\n%s\nnot\n%s", text, want)
	}
	// Several violations begin on lines of their own behind the webhook's name.
	handler, _, _ := testHandler(t, snapshot)
	if message := ask(t, handler, write(t, clusterAdmin, nil, object)).Result.Message; message != "\n"+want {
		t.Errorf("the API server is told %q", message)
	}
	expectRefused(t, snapshot, write(t, gitOps, nil, object), "rbac-cluster-admin")
	set(object, "legacy", "metadata", "namespace")
	expectAllowed(t, snapshot, write(t, clusterAdmin, nil, object))
}

func TestRolesOfTheSameStreamAreKnownByWhatTheyAllow(t *testing.T) {
	const stream = `{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: innocent}, rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: innocent}, subjects: [{kind: ServiceAccount, name: default, namespace: search-dev}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: broken}, rules: 7}
`
	verdicts, err := judgeOf(testSnapshot(t)).Judge(context.Background(), workflow.Question{Cluster: testCluster, User: clusterAdmin, Manifest: []byte(stream)})
	if err != nil {
		t.Fatal(err)
	}
	if !verdicts[0].Allowed || verdicts[1].Allowed || !strings.Contains(DenialText(verdicts[1].Violations), "ClusterRole innocent allows everything") {
		t.Errorf("the verdicts are %+v", verdicts)
	}
}

func TestABindingThatCannotBeReadIsRefused(t *testing.T) {
	object := bindingObject("ClusterRoleBinding", "", "view")
	set(object, "everybody", "subjects")
	expectRefused(t, testSnapshot(t), write(t, clusterAdmin, nil, object), "rbac-cluster-admin")
}

func FuzzBinding(f *testing.F) {
	f.Add([]byte(`{"roleRef":{"kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"Group","name":"system:authenticated"}]}`))
	f.Add([]byte(`{"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"User","name":"system:serviceaccount:search-dev"}]}`))
	f.Add([]byte(`{"subjects":null}`))
	snapshot := testSnapshot(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, kind := range []string{"RoleBinding", "ClusterRoleBinding"} {
			request := Request{Operation: Create, Kind: roleBindingKind.WithVersion("v1"), Name: "b", Object: raw, User: clusterAdmin}
			request.Kind.Kind = kind
			if kind == "RoleBinding" {
				request.Namespace = testSpace
			}
			// What nobody approved never comes into a tenant's namespace, however it is written.
			if decision := Evaluate(snapshot, request); decision.Allowed && kind == "RoleBinding" {
				t.Errorf("let in: %s", raw)
			}
		}
	})
}
