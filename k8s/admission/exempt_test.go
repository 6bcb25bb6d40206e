package admission

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

const (
	legacyImage  = "docker.io/library/redis:7.2"
	legacyDigest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
)

var (
	legacyLabels = tree{"app": "legacy", "environment": "prod"}
	podKind      = schema.GroupKind{Kind: "Pod"}
	deployments  = schema.GroupKind{Group: "apps", Kind: "Deployment"}
)

// legacyExemption is request 90: it lets legacyImage through for pods with app=legacy.
func legacyExemption(changes ...func(*workflow.Exemption)) workflow.Exemption {
	e := workflow.Exemption{Rule: "trusted-registry", Selector: map[string]string{"app": "legacy"}, Value: legacyImage, Until: grantedUntil, Request: 90}
	for _, change := range changes {
		change(&e)
	}
	return e
}

func ofValue(value string) func(*workflow.Exemption) {
	return func(e *workflow.Exemption) { e.Value = value }
}

// exempting gives exemptions to testSpace.
func exempting(exemptions ...workflow.Exemption) func(*workflow.ApprovedState) {
	return func(state *workflow.ApprovedState) {
		state.Tenancies["payments"].Namespaces[1].Exemptions = exemptions
	}
}

// holding is a pod that runs, or mounts, one image beside a trusted one.
var holding = map[string]func(image string) tree{
	"container": func(image string) tree { return podSpec(image) },
	"second container": func(image string) tree {
		spec := podSpec(goodImage)
		spec["containers"] = append(spec["containers"].([]any), at(podSpec(image), "containers", 0))
		return spec
	},
	"init container": func(image string) tree {
		spec := podSpec(goodImage)
		spec["initContainers"] = podSpec(image)["containers"]
		return spec
	},
	"ephemeral container": func(image string) tree {
		spec := podSpec(goodImage)
		spec["ephemeralContainers"] = podSpec(image)["containers"]
		return spec
	},
	"image volume": func(image string) tree {
		spec := podSpec(goodImage)
		spec["volumes"] = []any{tree{"name": "v", "image": tree{"reference": image}}}
		return spec
	},
}

func TestAnExemptedImageIsLetThroughWhereverAPodHoldsIt(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption()))
	for _, kind := range kindNames() {
		for place, spec := range holding {
			t.Run(kind.String()+"/"+place, func(t *testing.T) {
				request := write(t, developer, nil, workload(kind, legacyLabels, spec(legacyImage)))
				decision := Evaluate(snapshot, request)
				if !decision.Allowed || decision.Request != 90 || !slices.Equal(decision.Exempted, []int64{90}) {
					t.Errorf("allowed is %v, by request %d, exempted by %v:\n%s", decision.Allowed, decision.Request, decision.Exempted, DenialText(decision.Violations))
				}
				expectRefused(t, snapshot, judgedAt(grantedUntil, request), "trusted-registry")
				expectRefused(t, snapshot, write(t, developer, nil, workload(kind, goodLabels, spec(legacyImage))), "trusted-registry")
				expectRefused(t, snapshot, write(t, developer, nil, workload(kind, legacyLabels, spec("docker.io/library/redis:7.3"))), "trusted-registry")
			})
		}
	}
}

func TestAnExemptionLetsExactlyOneImageThrough(t *testing.T) {
	cases := map[string]struct {
		value            string
		through, stopped []string
	}{
		"a tag": {legacyImage, []string{"redis:7.2", "library/redis:7.2", "docker.io/redis:7.2", "index.docker.io/library/redis:7.2", legacyImage}, []string{
			"redis", "redis:latest", "redis:7.20", "redis:7", "redis:7.2" + legacyDigest, "redis" + legacyDigest, "quay.io/library/redis:7.2", "docker.io.example.com/library/redis:7.2",
			"docker.io/bitnami/redis:7.2", "docker.io/library/redis/x:7.2", "docker.io/library/rediss:7.2", "docker.io:443/library/redis:7.2", "evil.io/docker.io/library/redis:7.2",
			"docker.io/library/Redis:7.2", "", " " + legacyImage, legacyImage + " ", legacyImage + "\n", "https://" + legacyImage,
		}},
		"the tag that runtimes fill in": {"docker.io/library/redis:latest", []string{"redis", "redis:latest", "docker.io/library/redis"}, []string{"redis:7.2", "redis" + legacyDigest, "redis:latest" + legacyDigest}},
		// With a digest, runtimes pull what it says, and nothing by a tag.
		"a digest": {"quay.io/a/redis" + legacyDigest, []string{"quay.io/a/redis" + legacyDigest, "quay.io/a/redis:7.2" + legacyDigest}, []string{
			"quay.io/a/redis", "quay.io/a/redis:7.2", "redis" + legacyDigest, "quay.io/b/redis" + legacyDigest, "quay.io/a/redis@sha256:" + strings.Repeat("b", 64),
		}},
		"a tag and a digest":     {"quay.io/a/redis:7.2" + legacyDigest, []string{"quay.io/a/redis:7.2" + legacyDigest}, []string{"quay.io/a/redis:7.2", "quay.io/a/redis:7.2@sha256:" + strings.Repeat("b", 64)}},
		"a registry with a port": {"localhost:5000/a:1", []string{"localhost:5000/a:1"}, []string{"localhost:5001/a:1", "localhost/a:1", "a:1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			snapshot := testSnapshot(t, exempting(legacyExemption(ofValue(c.value))))
			for _, image := range c.through {
				expectAllowed(t, snapshot, write(t, developer, nil, workload(deployments, legacyLabels, podSpec(image))))
			}
			for _, image := range c.stopped {
				if text := expectRefused(t, snapshot, write(t, developer, nil, workload(deployments, legacyLabels, podSpec(image))), "trusted-registry"); text == "" {
					t.Errorf("image %q", image)
				}
			}
		})
	}
}

func TestAnExemptionIsForPodsWithAllOfItsLabels(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption(func(e *workflow.Exemption) { e.Selector = map[string]string{"app": "legacy", "tier": ""} })), func(state *workflow.ApprovedState) {
		state.Policy.Rules["required-label"] = workflow.RuleSetting{Mode: workflow.RuleOff}
	})
	cases := map[string]struct {
		labels  tree
		allowed bool
	}{
		"all":              {tree{"app": "legacy", "tier": ""}, true},
		"more":             {tree{"app": "legacy", "tier": "", "x": "y"}, true},
		"one is missing":   {tree{"app": "legacy"}, false},
		"one differs":      {tree{"app": "legacy", "tier": "a"}, false},
		"another differs":  {tree{"app": "legacy2", "tier": ""}, false},
		"in another case":  {tree{"App": "legacy", "tier": ""}, false},
		"none":             {tree{}, false},
		"keys and no more": {tree{"app": "", "tier": ""}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, kind := range kindNames() {
				if got := Evaluate(snapshot, write(t, developer, nil, workload(kind, c.labels, podSpec(legacyImage)))).Allowed; got != c.allowed {
					t.Errorf("%s: allowed is %v", kind, got)
				}
			}
		})
	}
	// The labels of a Deployment are not those of its pods.
	object := workload(deployments, tree{"app": "legacy", "tier": ""}, podSpec(legacyImage))
	set(object, tree{"app": "web"}, "spec", "template", "metadata", "labels")
	expectRefused(t, snapshot, write(t, developer, nil, object), "trusted-registry")
	set(object, tree{"app": "legacy", "tier": ""}, "spec", "template", "metadata", "labels")
	set(object, tree{}, "metadata", "labels")
	expectAllowed(t, snapshot, write(t, developer, nil, object))
}

func TestAnExemptionHoldsUntilItsEndAndNoLonger(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption()))
	request := write(t, developer, nil, workload(deployments, legacyLabels, podSpec(legacyImage)))
	for name, moment := range moments {
		t.Run(name, func(t *testing.T) {
			decision := Evaluate(snapshot, judgedAt(moment.at, request))
			if decision.Allowed != moment.given || (len(decision.Exempted) > 0) != moment.given {
				t.Errorf("allowed is %v, exempted by %v", decision.Allowed, decision.Exempted)
			}
		})
	}
}

func TestWhatRunsGoesOnAfterTheEndAndNothingNewStarts(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption()))
	after := func(request Request) Request { return judgedAt(grantedUntil, request) }
	deployment := workload(deployments, legacyLabels, podSpec(legacyImage))
	scaled, changed := clone(t, deployment), clone(t, deployment)
	set(scaled, 5, "spec", "replicas")
	set(at(changed, "spec", "template", "spec").(tree), "web", "serviceAccountName")
	pod := workload(podKind, legacyLabels, podSpec(legacyImage))
	marked := clone(t, pod)
	set(marked, tree{"seen": "yes"}, "metadata", "annotations")
	expectAllowed(t, snapshot, after(write(t, developer, deployment, deployment)))
	expectAllowed(t, snapshot, after(write(t, developer, deployment, scaled)))
	expectAllowed(t, snapshot, after(write(t, "system:serviceaccount:kube-system:deployment-controller", pod, marked)))
	expectAllowed(t, snapshot, after(write(t, developer, pod, nil)))
	expectRefused(t, snapshot, after(write(t, developer, deployment, changed)), "trusted-registry")
	expectRefused(t, snapshot, after(write(t, "system:serviceaccount:kube-system:replicaset-controller", nil, pod)), "trusted-registry")
	// What no exemption is needed for does not rest on one.
	if decision := Evaluate(snapshot, write(t, developer, pod, marked)); !decision.Allowed || decision.Request != 42 || decision.Exempted != nil {
		t.Errorf("it rests on request %d and exemptions %v", decision.Request, decision.Exempted)
	}
}

func TestWhatWasLetThroughDoesNotGoOnUnderOtherLabels(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption()))
	pod := workload(podKind, legacyLabels, podSpec(legacyImage))
	relabelled := func(app string) tree {
		changed := clone(t, pod)
		set(at(changed, "metadata", "labels").(tree), app, "app")
		return changed
	}
	more := clone(t, pod)
	set(at(more, "metadata", "labels").(tree), "yes", "seen")
	for _, moment := range moments {
		at := func(request Request) Request { return judgedAt(moment.at, request) }
		expectRefused(t, snapshot, at(write(t, developer, pod, relabelled("payments-db-client"))), "trusted-registry")
		expectAllowed(t, snapshot, at(write(t, developer, pod, more)))
	}
	// What nobody exempted came in before the rule, and is nobody's to hold up.
	expectAllowed(t, snapshot, write(t, developer, relabelled("other"), relabelled("another")))
}

func TestWhatADeploymentMakesIsLetThroughLikeItself(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption()))
	made := maps.Clone(legacyLabels)
	made["pod-template-hash"] = "5d59d67564"
	for user, object := range map[string]tree{
		developer: workload(deployments, legacyLabels, podSpec(legacyImage)),
		"system:serviceaccount:kube-system:deployment-controller": workload(schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}, made, podSpec(legacyImage)),
		"system:serviceaccount:kube-system:replicaset-controller": workload(podKind, made, podSpec(legacyImage)),
	} {
		expectAllowed(t, snapshot, write(t, user, nil, object))
	}
	pod := workload(podKind, made, podSpec(goodImage))
	debugged := clone(t, pod)
	set(debugged, podSpec(legacyImage)["containers"], "spec", "ephemeralContainers")
	request := write(t, developer, pod, debugged)
	request.SubResource = "ephemeralcontainers"
	expectAllowed(t, snapshot, request)
	expectRefused(t, snapshot, judgedAt(grantedUntil, request), "trusted-registry")
}

func TestOnlyWhatIsExemptedIsLetThrough(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption(), legacyExemption(ofValue("quay.io/a/b:1"), func(e *workflow.Exemption) { e.Request = 93 })))
	spec := podSpec(legacyImage)
	delete(spec, "securityContext")
	spec["initContainers"] = podSpec("quay.io/a/b:1")["containers"]
	spec["containers"] = append(spec["containers"].([]any), at(podSpec("evil.io/x:1"), "containers", 0))
	decision := Evaluate(snapshot, write(t, developer, nil, workload(podKind, legacyLabels, spec)))
	text := DenialText(decision.Violations)
	if decision.Allowed || strings.Count(text, "trusted-registry: ") != 1 || !strings.Contains(text, `trusted-registry: spec.containers[1].image "evil.io/x:1"`) || !strings.Contains(text, "pod-security: ") {
		t.Errorf("allowed is %v:\n%s", decision.Allowed, text)
	}
	// A refusal does not rest on what would have been let through.
	if !slices.Equal(decision.Exempted, []int64{90, 93}) || decision.Request != 42 {
		t.Errorf("exempted by %v, resting on %d", decision.Exempted, decision.Request)
	}
}

func TestAnExemptionIsOfOneNamespaceOnOneCluster(t *testing.T) {
	snapshot := testSnapshot(t, func(state *workflow.ApprovedState) {
		elsewhere := testNamespace(testSpace, workflow.LevelRestricted)
		elsewhere.Cluster, elsewhere.Exemptions = "neu-1", []workflow.Exemption{legacyExemption()}
		tenancy := state.Tenancies["payments"]
		tenancy.Namespaces = append(tenancy.Namespaces, elsewhere)
		tenancy.Namespaces[0].Exemptions = []workflow.Exemption{legacyExemption()}
		state.Tenancies["payments"] = tenancy
	})
	for namespace, allowed := range map[string]bool{"payments-api-dev": true, testSpace: false, "search-dev": false} {
		object := workload(podKind, legacyLabels, podSpec(legacyImage))
		set(object, namespace, "metadata", "namespace")
		if got := Evaluate(snapshot, write(t, developer, nil, object)).Allowed; got != allowed {
			t.Errorf("in %s: allowed is %v", namespace, got)
		}
	}
}

func TestNoExemptionIsHadFromRulesThatHoldAlways(t *testing.T) {
	object := bindingObject("RoleBinding", testSpace, "cluster-admin", subjectOf("User", "", "eve"))
	set(object, legacyLabels, "metadata", "labels")
	privileged := podSpec(goodImage)
	set(privileged, true, "hostNetwork")
	deployer := podSpec(goodImage)
	deployer["serviceAccountName"] = "tenure-deployer"
	written := map[string]tree{
		"namespace":          {"apiVersion": "v1", "kind": "Namespace", "metadata": tree{"name": testSpace, "labels": tree{"app": "legacy", "control-plane": "x"}}},
		"rbac-cluster-admin": object,
		"governed":           workload(podKind, legacyLabels, deployer),
		"network-opening":    ownPolicy(t, "{podSelector: {}, ingress: [{}]}"),
		"network-required":   workload(podKind, legacyLabels, podSpec(goodImage)),
		"ingress-host":       entrance(t, "Ingress", `{rules: [{host: legacy.example.com}]}`),
		"pod-security":       workload(podKind, legacyLabels, privileged),
	}
	for _, rule := range Rules() {
		if (rule.Always || exemptible()[rule.Name] == "") != (written[rule.Name] != nil) {
			t.Errorf("%s: the test does not fit the rulebook", rule.Name)
		}
		if written[rule.Name] == nil {
			continue
		}
		var all []workflow.Exemption
		for _, value := range []string{"", legacyImage, "*", "spec", "privileged", "tenure-deployer", "cluster-admin", "host namespaces", "app=legacy", "app", "b", testSpace} {
			all = append(all, legacyExemption(ofValue(value), func(e *workflow.Exemption) { e.Rule = rule.Name }))
		}
		snapshot := testSnapshot(t, exempting(all...))
		request := write(t, developer, nil, written[rule.Name])
		if rule.Name == "network-required" {
			request.Policies = clusterPolicies{}
		}
		expectRefused(t, snapshot, request, rule.Name)
		// Nor if one got into the snapshot after all.
		snapshot.grants[testSpace].exemptions = []exemption{{legacyExemption(func(e *workflow.Exemption) { e.Rule = rule.Name }), func(finding) bool { return true }}}
		expectRefused(t, snapshot, request, rule.Name)
	}
	o := newObject(testSnapshot(t, exempting(legacyExemption())), write(t, developer, nil, workload(podKind, legacyLabels, podSpec(legacyImage))))
	f := foundImage(workflow.Violation{Value: legacyImage}, map[string]string{"app": "legacy"})
	for always, want := range map[bool]bool{false: true, true: false} {
		if _, found := o.exempted(activeRule{name: "trusted-registry", always: always}, f); found != want {
			t.Errorf("always is %v, and an exemption is found: %v", always, found)
		}
	}
}

// What a checked document never holds lets nothing through.
func TestAnExemptionThatIsNotToTheLetterLetsNothingThrough(t *testing.T) {
	request := write(t, developer, nil, workload(podKind, legacyLabels, podSpec(legacyImage)))
	for name, e := range map[string]workflow.Exemption{
		"every image of a registry":    legacyExemption(ofValue("docker.io/*")),
		"every tag":                    legacyExemption(ofValue("docker.io/library/redis")),
		"a shortened image":            legacyExemption(ofValue("redis:7.2")),
		"an image with a space":        legacyExemption(ofValue(legacyImage + " ")),
		"no image":                     legacyExemption(ofValue("")),
		"no end":                       legacyExemption(func(e *workflow.Exemption) { e.Until = time.Time{} }),
		"every pod":                    legacyExemption(func(e *workflow.Exemption) { e.Selector = nil }),
		"every rule":                   legacyExemption(func(e *workflow.Exemption) { e.Rule = "" }),
		"a rule of the same kind":      legacyExemption(func(e *workflow.Exemption) { e.Rule = "required-label" }),
		"a rule that is written alike": legacyExemption(func(e *workflow.Exemption) { e.Rule = "Trusted-Registry" }),
	} {
		t.Run(name, func(t *testing.T) {
			expectRefused(t, testSnapshot(t, exempting(e)), request, "trusted-registry")
		})
	}
}

// What a value means depends on its rule: an image that is none may read like a label.
func TestAnExemptionIsOfOneRule(t *testing.T) {
	request := write(t, developer, nil, workload(podKind, legacyLabels, podSpec("Legacy")))
	for rule := range exemptible() {
		snapshot := testSnapshot(t, exempting(legacyExemption(ofValue("Legacy"), func(e *workflow.Exemption) { e.Rule = rule })))
		expectRefused(t, snapshot, request, "trusted-registry")
	}
}

func TestALabelIsExemptedWhereItIsMissingOrByItsValue(t *testing.T) {
	label := func(value string) workflow.Exemption {
		return legacyExemption(ofValue(value), func(e *workflow.Exemption) { e.Rule = "required-label" })
	}
	with := func(value string) tree { return tree{"app": "legacy", "environment": value} }
	cases := map[string]struct {
		value            string
		through, stopped []tree
	}{
		"missing":      {"environment", []tree{{"app": "legacy"}, with("prod")}, []tree{with("demo"), with(""), {"app": "web"}}},
		"by its value": {"environment=demo", []tree{with("demo"), with("prod")}, []tree{{"app": "legacy"}, with("Demo"), with("demo2"), with(""), {"app": "web", "environment": "demo"}}},
		"empty":        {"environment=", []tree{with("")}, []tree{{"app": "legacy"}, with("demo")}},
		"another":      {"stage", nil, []tree{{"app": "legacy"}, with("demo")}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			snapshot := testSnapshot(t, exempting(label(c.value)))
			for _, kind := range kindNames() {
				for _, labels := range c.through {
					expectAllowed(t, snapshot, write(t, developer, nil, workload(kind, labels, podSpec(goodImage))))
				}
				for _, labels := range c.stopped {
					expectRefused(t, snapshot, write(t, developer, nil, workload(kind, labels, podSpec(goodImage))), "required-label")
				}
			}
		})
	}
	// A Deployment's own label is exempted by the labels of its pods, as they are
	// what the exemption is for.
	snapshot := testSnapshot(t, exempting(label("environment")))
	object := workload(deployments, tree{"app": "legacy"}, podSpec(goodImage))
	set(object, tree{}, "metadata", "labels")
	expectAllowed(t, snapshot, write(t, developer, nil, object))
	set(object, tree{"app": "legacy"}, "metadata", "labels")
	set(object, tree{"app": "web", "environment": "prod"}, "spec", "template", "metadata", "labels")
	expectRefused(t, snapshot, write(t, developer, nil, object), "required-label")
}

func TestAnObjectWithoutPodsIsExemptedByItsOwnLabels(t *testing.T) {
	snapshot := testSnapshot(t, exempting(legacyExemption(ofValue("owner"), func(e *workflow.Exemption) { e.Rule = "required-label" })), func(state *workflow.ApprovedState) {
		state.Policy.Rules["required-label"] = setting(workflow.RuleDeny, `{"kinds":["ReplicationController","ConfigMap"],"labels":[{"key":"owner"}]}`)
	})
	for kind, version := range map[string]string{"ConfigMap": "v1", "ReplicationController": "v1"} {
		object := tree{"apiVersion": version, "kind": kind, "metadata": tree{"name": "x", "namespace": testSpace, "labels": tree{"app": "legacy"}}, "spec": tree{}}
		expectAllowed(t, snapshot, write(t, developer, nil, object))
		set(object, "web", "metadata", "labels", "app")
		expectRefused(t, snapshot, write(t, developer, nil, object), "required-label")
	}
}

func TestWhatIsExemptedIsNoWarningEither(t *testing.T) {
	for name, change := range map[string]func(*workflow.ApprovedState){
		"the rule warns": func(state *workflow.ApprovedState) {
			state.Policy.Environments["prod"] = workflow.Environment{PodSecurity: workflow.LevelRestricted, Rules: map[string]workflow.RuleSetting{"trusted-registry": {Mode: workflow.RuleWarn}}}
		},
		"the cluster observes": func(state *workflow.ApprovedState) {
			state.Policy.Clusters[testCluster] = workflow.Cluster{Mode: workflow.ModeObserve, NetworkEngine: workflow.EngineCilium}
		},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := testSnapshot(t, change, exempting(legacyExemption()))
			request := write(t, developer, nil, workload(podKind, legacyLabels, podSpec(legacyImage)))
			if decision := Evaluate(snapshot, request); len(decision.Warnings) > 0 || !slices.Equal(decision.Exempted, []int64{90}) {
				t.Errorf("%+v", decision.Verdict)
			}
			if decision := Evaluate(snapshot, judgedAt(grantedUntil, request)); len(decision.Warnings) != 1 || decision.Exempted != nil {
				t.Errorf("after the end: %+v", decision.Verdict)
			}
		})
	}
}

func TestASnapshotFollowsItsExemptions(t *testing.T) {
	request := write(t, developer, nil, workload(podKind, legacyLabels, podSpec(legacyImage)))
	snapshot := testSnapshot(t)
	for _, given := range []bool{true, false, true} {
		state := testState()
		if given {
			exempting(legacyExemption())(state)
		}
		next, err := snapshot.Next(state)
		if err != nil {
			t.Fatal(err)
		}
		if snapshot = next; Evaluate(snapshot, request).Allowed != given {
			t.Errorf("given is %v", given)
		}
	}
}
