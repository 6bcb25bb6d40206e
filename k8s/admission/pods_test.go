package admission

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

var goodLabels = tree{"environment": "prod"}

const goodImage = "contoso.azurecr.io/payments/api:1.2"

func TestEveryWorkloadKindIsJudgedByItsPods(t *testing.T) {
	snapshot := testSnapshot(t)
	prefixes := map[string]string{"Pod": "", "PodTemplate": "template.", "CronJob": "spec.jobTemplate.spec.template."}
	for _, kind := range kindNames() {
		t.Run(kind.String(), func(t *testing.T) {
			prefix, special := prefixes[kind.Kind]
			if !special {
				prefix = "spec.template."
			}
			expectAllowed(t, snapshot, write(t, developer, nil, workload(kind, goodLabels, podSpec(goodImage))))

			spec := podSpec("docker.io/nginx")
			set(spec, true, "hostNetwork")
			decision := Evaluate(snapshot, write(t, developer, nil, workload(kind, tree{}, spec)))
			text := DenialText(decision.Violations)
			for _, want := range []string{
				`trusted-registry: ` + prefix + `spec.containers[0].image "docker.io/nginx": registry docker.io is not trusted (contoso.azurecr.io/*). Ask for an exemption: https://tenure.contoso.example/requests/new/exemption?cluster=weu-1&namespace=payments-api-prod&rule=trusted-registry&tenant=payments&value=docker.io%2Flibrary%2Fnginx%3Alatest`,
				"pod-security: " + prefix + `spec "host namespaces": hostNetwork=true; namespace payments-api-prod keeps to level restricted of v1.37. Ask for a namespace with a lower level, where its environment allows one: https://tenure.contoso.example/namespaces/weu-1/payments-api-prod`,
				"required-label: " + prefix + "metadata.labels[environment]: the label is missing; its value must match ^(dev|test|prod)$. Ask for an exemption: https://tenure.contoso.example/requests/new/exemption?cluster=weu-1&namespace=payments-api-prod&rule=required-label&tenant=payments&value=environment",
			} {
				if !strings.Contains(text, want) {
					t.Errorf("the denial does not say\n%s\nbut\n%s", want, text)
				}
			}
		})
	}
}

func TestNoPodRunsAsTheAccountOfArgoCD(t *testing.T) {
	// Whether the tenant has Applications of its own, or had, makes no difference.
	for name, snapshot := range map[string]*Snapshot{"with": deployingSnapshot(t), "without": testSnapshot(t), "ended": endedSnapshot(t)} {
		for _, kind := range kindNames() {
			for _, field := range []string{"serviceAccountName", "serviceAccount"} {
				spec := podSpec(goodImage)
				spec["automountServiceAccountToken"] = false
				spec[field] = "tenure-deployer"
				object := workload(kind, goodLabels, spec)
				for _, user := range []string{developer, clusterAdmin, gitOps} {
					text := expectRefused(t, snapshot, asked(write(t, user, nil, object)), "governed")
					if want := "spec." + field + ` "tenure-deployer": this account is for Argo CD, which impersonates it; no pod runs as it.`; !strings.Contains(text, want) {
						t.Errorf("%s: the denial of %s does not say\n%s\nbut\n%s", name, kind, want, text)
					}
				}
			}
		}
	}
	snapshot := testSnapshot(t)
	kind := schema.GroupKind{Group: "apps", Kind: "Deployment"}
	spec := podSpec(goodImage)
	spec["serviceAccountName"] = "web"
	theirs := workload(kind, goodLabels, spec)
	expectAllowed(t, snapshot, asked(write(t, developer, nil, theirs)))
	changed := clone(t, theirs)
	set(changed, "tenure-deployer", "spec", "template", "spec", "serviceAccountName")
	expectRefused(t, snapshot, asked(write(t, developer, theirs, changed)), "governed")
	// One from before the rule can be changed otherwise, and makes no pods.
	scaled := clone(t, changed)
	set(scaled, 0, "spec", "replicas")
	expectAllowed(t, snapshot, asked(write(t, developer, changed, scaled)))
	expectAllowed(t, snapshot, asked(write(t, developer, changed, nil)))
}

func TestTheLevelIsThatOfTheGrant(t *testing.T) {
	snapshot := testSnapshot(t)
	spec := podSpec(goodImage)
	delete(spec, "securityContext")
	pod := workload(schema.GroupKind{Kind: "Pod"}, goodLabels, spec)
	expectRefused(t, snapshot, write(t, developer, nil, pod), "pod-security")
	set(pod, "payments-api-dev", "metadata", "namespace")
	expectAllowed(t, snapshot, write(t, developer, nil, pod))
	set(at(pod, "spec", "containers", 0).(tree), true, "securityContext", "privileged")
	expectRefused(t, snapshot, write(t, developer, nil, pod), "pod-security")
	set(pod, "nobodys", "metadata", "namespace")
	expectAllowed(t, snapshot, write(t, developer, nil, pod))
}

func TestADebugContainerIsJudgedWhenItIsAdded(t *testing.T) {
	snapshot := testSnapshot(t)
	pod := workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))
	debugged := clone(t, pod)
	set(debugged, []any{tree{"name": "debug", "image": "busybox"}}, "spec", "ephemeralContainers")
	request := write(t, developer, pod, debugged)
	request.SubResource = "ephemeralcontainers"
	text := expectRefused(t, snapshot, request, "trusted-registry")
	if !strings.Contains(text, "spec.ephemeralContainers[0].image") {
		t.Error(text)
	}
	expectRefused(t, snapshot, request, "pod-security")
}

func TestObjectsFromBeforeARuleAreKeptButNotChangedForWorse(t *testing.T) {
	snapshot := testSnapshot(t)
	kind := schema.GroupKind{Group: "apps", Kind: "Deployment"}
	bad := workload(kind, tree{}, tree{"containers": []any{tree{"name": "web", "image": "nginx"}}})
	scaled := clone(t, bad)
	set(scaled, 5, "spec", "replicas")
	set(scaled, tree{"deployment.kubernetes.io/revision": "2"}, "metadata", "annotations")
	expectAllowed(t, snapshot, write(t, "system:serviceaccount:kube-system:deployment-controller", bad, scaled))

	changed := clone(t, bad)
	set(at(changed, "spec", "template", "spec", "containers", 0).(tree), "nginx:2", "image")
	expectRefused(t, snapshot, write(t, developer, bad, changed), "trusted-registry")

	annotated := clone(t, bad)
	set(annotated, tree{"container.apparmor.security.beta.kubernetes.io/web": "unconfined"}, "spec", "template", "metadata", "annotations")
	expectRefused(t, snapshot, write(t, developer, bad, annotated), "pod-security")

	relabelled := clone(t, workload(kind, goodLabels, podSpec(goodImage)))
	before := clone(t, relabelled)
	set(relabelled, tree{"environment": "staging"}, "metadata", "labels")
	text := expectRefused(t, snapshot, write(t, developer, before, relabelled), "required-label")
	if want := `required-label: metadata.labels[environment] "staging": the value must match ^(dev|test|prod)$.`; !strings.Contains(text, want) {
		t.Errorf("the denial does not say\n%s\nbut\n%s", want, text)
	}
	expectAllowed(t, snapshot, write(t, developer, bad, nil))
}

func TestWhatCannotBeReadIsRefused(t *testing.T) {
	snapshot := testSnapshot(t)
	pod := workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec(goodImage))
	cases := map[string]func(*Request){
		"a container that is a number": func(r *Request) { r.Object = []byte(`{"metadata":{},"spec":{"containers":[1]}}`) },
		"half an object":               func(r *Request) { r.Object = r.Object[:len(r.Object)/2] },
		"no object":                    func(r *Request) { r.Object = nil },
		"a version of the future":      func(r *Request) { r.Kind.Version = "v2" },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			request := write(t, developer, nil, pod)
			spoil(&request)
			expectRefused(t, snapshot, request, "pod-security")
		})
	}
}

func TestFieldNamesAreCaseSensitive(t *testing.T) {
	snapshot := testSnapshot(t)
	request := write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, podSpec("nginx")))
	// encoding/json would take the second key for the first, and see no image.
	request.Object = append(request.Object[:len(request.Object)-1], []byte(`,"Spec":{"containers":[]}}`)...)
	expectRefused(t, snapshot, request, "trusted-registry")
}

func TestImagePatterns(t *testing.T) {
	const digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	cases := map[string]struct{ matches, differs []string }{
		"contoso.azurecr.io/*": {
			[]string{"contoso.azurecr.io/a", "contoso.azurecr.io/a/b:1", "contoso.azurecr.io/a" + digest},
			[]string{"contoso.azurecr.io.evil.com/a", "contoso.azurecr.io:444/a", "evil.com/contoso.azurecr.io/a", "contoso.azurecr.io", "xcontoso.azurecr.io/a"},
		},
		"foo.io/team/*":     {[]string{"foo.io/team/a", "foo.io/team/a/b"}, []string{"foo.io/teammate/a", "foo.io/team", "foo.io/a/team/b", "team/a"}},
		"foo.io/team/api":   {[]string{"foo.io/team/api", "foo.io/team/api:2", "foo.io/team/api" + digest}, []string{"foo.io/team/api/x", "foo.io/team/apix"}},
		"docker.io/*":       {[]string{"nginx", "docker.io/nginx", "library/nginx", "bitnami/redis:7", "index.docker.io/a/b"}, []string{"quay.io/nginx", "localhost/nginx"}},
		"openpolicyagent/*": {[]string{"openpolicyagent/opa:0.9.2", "docker.io/openpolicyagent/opa"}, []string{"openpolicyagentx/opa", "openpolicyagent", "quay.io/openpolicyagent/opa"}},
		"library/*":         {[]string{"nginx", "docker.io/library/nginx"}, []string{"bitnami/nginx"}},
		"ubuntu":            {[]string{"ubuntu", "ubuntu:20.14", "docker.io/library/ubuntu", "docker.io/ubuntu"}, []string{"ubuntumalicious", "bitnami/ubuntu"}},
		"ubuntu:20.14":      {[]string{"ubuntu:20.14", "docker.io/library/ubuntu:20.14"}, []string{"ubuntu", "ubuntu:20.04", "ubuntu:20.14" + digest}},
		"ubuntu" + digest:   {[]string{"ubuntu" + digest, "ubuntu:1" + digest}, []string{"ubuntu", "ubuntu@sha256:" + strings.Repeat("b", 64)}},
		"localhost:5000/*":  {[]string{"localhost:5000/a"}, []string{"localhost/a", "localhost:5001/a"}},
	}
	for text, c := range cases {
		t.Run(text, func(t *testing.T) {
			pattern, err := parseImagePattern(text)
			if err != nil {
				t.Fatal(err)
			}
			for _, image := range c.matches {
				if why := (trustedImages{pattern}).refuse(image); why != "" {
					t.Errorf("%q: %s", image, why)
				}
			}
			for _, image := range c.differs {
				if (trustedImages{pattern}).refuse(image) == "" {
					t.Errorf("%q is trusted", image)
				}
			}
		})
	}
	for _, text := range []string{"", "*", "/*", "*/nginx", "foo.io/te*", "foo.io/*/api", "foo.io/**", "foo.io/a:1/*", "Foo", "foo.io/A", "foo.io//*", "https://foo.io/*", "foo.io/* "} {
		if pattern, err := parseImagePattern(text); err == nil {
			t.Errorf("pattern %q is read as %+v", text, pattern)
		}
	}
}

func TestEveryImageOfAPodIsLookedAt(t *testing.T) {
	snapshot := testSnapshot(t)
	spec := podSpec("nginx")
	spec["initContainers"] = []any{tree{"name": "i", "image": "a.io/i"}}
	spec["ephemeralContainers"] = []any{tree{"name": "e", "image": ""}}
	spec["volumes"] = []any{tree{"name": "v", "image": tree{"reference": "b.io/v"}}}
	text := expectRefused(t, snapshot, write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, spec)), "trusted-registry")
	for _, want := range []string{
		`spec.initContainers[0].image "a.io/i"`, `spec.containers[0].image "nginx"`,
		"spec.ephemeralContainers[0].image: is no image reference", `spec.volumes[0].image.reference "b.io/v"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the denial does not say %q:\n%s", want, text)
		}
	}
}

func TestModesAndParametersAreOverriddenPlaceByPlace(t *testing.T) {
	deployment := func(t *testing.T, namespace string) Request {
		object := workload(schema.GroupKind{Group: "apps", Kind: "Deployment"}, goodLabels, podSpec("nginx"))
		set(object, namespace, "metadata", "namespace")
		return write(t, developer, nil, object)
	}
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
		state.Policy.Environments["dev"] = workflow.Environment{Rules: map[string]workflow.RuleSetting{"trusted-registry": {Mode: workflow.RuleWarn}}}
	})
	expectRefused(t, snapshot, deployment(t, testSpace), "trusted-registry")
	decision := Evaluate(snapshot, deployment(t, "payments-api-dev"))
	if !decision.Allowed || len(decision.Warnings) != 1 {
		t.Errorf("in dev it is a warning, but: %+v", decision.Verdict)
	}
	snapshot = testSnapshot(t, func(state *workflow.ApprovedState) {
		state.Policy.Clusters[testCluster] = workflow.Cluster{Mode: workflow.ModeEnforce, Rules: map[string]workflow.RuleSetting{
			"trusted-registry": setting("", `{"images":["docker.io/*"]}`), "required-label": {Mode: workflow.RuleOff},
		}}
	})
	expectAllowed(t, snapshot, deployment(t, testSpace))
}

func TestALongDenialSaysHowMuchIsLeftOut(t *testing.T) {
	snapshot := testSnapshot(t)
	spec := podSpec(goodImage)
	var containers []any
	for range 100 {
		containers = append(containers, tree{"name": "c", "image": "evil.example.com/" + strings.Repeat("x", 500) + "\n\x1b[31m"})
	}
	spec["containers"] = containers
	decision := Evaluate(snapshot, write(t, developer, nil, workload(schema.GroupKind{Kind: "Pod"}, goodLabels, spec)))
	text := DenialText(decision.Violations)
	if len(text) > maxDenial+100 || !strings.Contains(text, " more.") || strings.Contains(text, "\x1b") {
		t.Errorf("%d bytes:\n%s", len(text), text)
	}
}
