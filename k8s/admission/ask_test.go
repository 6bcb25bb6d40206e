package admission

import (
	"encoding/json"
	"maps"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// asks gives the path and the fields of the form that the only violation of a rule
// leads to.
func asks(t testing.TB, decision Decision, rule string) (path string, fields map[string]string) {
	t.Helper()
	found := ""
	for _, v := range decision.Violations {
		if v.Rule == rule {
			if found != "" && found != v.Ask {
				t.Errorf("%s asks in two places", rule)
			}
			found = v.Ask
		}
	}
	_, link, _ := strings.Cut(found, ": ")
	return readLink(t, link)
}

// readLink takes a link apart as a browser does, and holds it to be one word.
func readLink(t testing.TB, link string) (path string, fields map[string]string) {
	t.Helper()
	path, sound := strings.CutPrefix(link, "https://tenure.contoso.example")
	if !sound || len(path) > maxLink || strings.ContainsFunc(link, func(r rune) bool { return r > unicode.MaxASCII || r <= ' ' || strings.ContainsRune(`"'<>\#`, r) }) {
		t.Fatalf("the link is %q", link)
	}
	address, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	query, err := url.ParseQuery(address.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	fields = map[string]string{}
	for name, values := range query {
		if len(values) != 1 || values[0] == "" {
			t.Errorf("the field %s is %q", name, values)
		}
		fields[name] = values[0]
	}
	return address.Path, fields
}

func TestADenialLeadsToTheExemptionFormFilledIn(t *testing.T) {
	snapshot := testSnapshot(t)
	cases := map[string]struct {
		labels          tree
		image           string
		value, selector string
	}{
		"the name comes first":        {tree{"app.kubernetes.io/name": "web", "app": "w", "a": "b"}, "quay.io/a/b:1", "quay.io/a/b:1", "app.kubernetes.io/name=web"},
		"then the app":                {tree{"app": "w", "a": "b"}, "nginx", "docker.io/library/nginx:latest", "app=w"},
		"then the first by key":       {tree{"zone": "x", "tier": "api"}, "nginx:1", "docker.io/library/nginx:1", "tier=api"},
		"not what controllers write":  {tree{"pod-template-hash": "1", "controller-revision-hash": "1", "statefulset.kubernetes.io/pod-name": "a", "batch.kubernetes.io/job-name": "a", "job-name": "a", "controller-uid": "a", "apps.kubernetes.io/pod-index": "0", "zone": "x"}, "nginx", "docker.io/library/nginx:latest", "zone=x"},
		"only what controllers write": {tree{"pod-template-hash": "1"}, "nginx", "docker.io/library/nginx:latest", ""},
		"no labels":                   {tree{}, "a.io/b" + legacyDigest, "a.io/b" + legacyDigest, ""},
		"labels that are none":        {tree{"app": "a, b=c", "a b": "x", "c": strings.Repeat("x", 64), "d": "ok"}, "nginx", "docker.io/library/nginx:latest", "d=ok"},
		"a tag and a digest":          {tree{"app": "w"}, "nginx:1" + legacyDigest, "docker.io/library/nginx:1" + legacyDigest, "app=w"},
		"what is no image":            {tree{"app": "w"}, "Not An Image&rule=governed#", "Not An Image&rule=governed#", "app=w"},
		"what cannot be seen":         {tree{"app": "w"}, "evil.io/a\u202Eb:1\n", "", "app=w"},
		"what is endless":             {tree{"app": "w"}, "evil.io/" + strings.Repeat("a", 10_000), "", "app=w"},
		"what is nothing":             {tree{"app": "w"}, "", "", "app=w"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for _, kind := range kindNames() {
				path, fields := asks(t, Evaluate(snapshot, write(t, developer, nil, workload(kind, c.labels, podSpec(c.image)))), "trusted-registry")
				want := map[string]string{"tenant": "payments", "cluster": testCluster, "namespace": testSpace, "rule": "trusted-registry", "value": c.value, "selector": c.selector}
				maps.DeleteFunc(want, func(_, text string) bool { return text == "" })
				if diff := cmp.Diff(want, fields); path != workflow.ExemptionFormPath || diff != "" {
					t.Errorf("%s leads to %s with (-want +got)\n%s", kind, path, diff)
				}
			}
		})
	}
}

// What is asked for by the link is what lets the object through.
func TestWhatTheFilledInFormAsksForLetsThroughWhatWasDenied(t *testing.T) {
	cases := map[string]struct {
		labels      tree
		image, rule string
	}{
		"an image as short as it gets":  {goodLabels, "nginx", "trusted-registry"},
		"an image by its tag":           {goodLabels, "quay.io/a/b:1", "trusted-registry"},
		"an image by its digest":        {goodLabels, "quay.io/a/b" + legacyDigest, "trusted-registry"},
		"an image by both":              {goodLabels, "quay.io/a/b:1" + legacyDigest, "trusted-registry"},
		"a label that is missing":       {tree{"app": "web"}, goodImage, "required-label"},
		"a label of another value":      {tree{"app": "web", "environment": "demo"}, goodImage, "required-label"},
		"a label that says nothing":     {tree{"app": "web", "environment": ""}, goodImage, "required-label"},
		"by the label that is in doubt": {tree{"environment": "demo"}, goodImage, "required-label"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			state := testState()
			request := write(t, developer, nil, workload(deployments, c.labels, podSpec(c.image)))
			path, fields := asks(t, Evaluate(testSnapshot(t), request), c.rule)
			if path != workflow.ExemptionFormPath {
				t.Fatalf("it leads to %s", path)
			}
			fields["until"], fields["reason"] = "2026-07-02T12:00:00Z", "it is replaced next month"
			var change workflow.ExemptionChange
			if err := json.Unmarshal(encode(t, fields), &change); err != nil {
				t.Fatal(err)
			}
			tenancy, problems := change.Apply(state, state.Tenancies[fields["tenant"]], 90)
			if len(problems) > 0 {
				t.Fatalf("the form refuses what it was filled in with: %v", problems)
			}
			state.Tenancies["payments"] = tenancy
			snapshot, err := NewSnapshot(state, testCluster)
			if err != nil {
				t.Fatal(err)
			}
			expectAllowed(t, snapshot, request)
			expectRefused(t, snapshot, judgedAt(grantedUntil, request), c.rule)
		})
	}
}

func TestADenialOfWhatIsGovernedLeadsToTheFormForIt(t *testing.T) {
	const group = "77de0000-0000-4000-8000-000000000002"
	snapshot := testSnapshot(t, exceptionState)
	objects := approvedObjects(t, snapshot, testSpace)
	quota := live(t, objects["ResourceQuota/tenure"])
	raised := clone(t, quota)
	for key, value := range map[string]any{
		"limits.cpu": "16", "requests.memory": "64Gi", "services.loadbalancers": "2", "configmaps": 100, "count/jobs.batch": "1k", "secrets": "1500m", "pods": "many",
	} {
		set(raised, value, "spec", "hard", key)
	}
	bound := func(role string, subjects ...any) tree {
		return bindingObject("RoleBinding", testSpace, role, subjects...)
	}
	limits := live(t, objects["LimitRange/tenure"])
	looser := clone(t, limits)
	set(looser, "9000Gi", "spec", "limits", 0, "default", "memory")
	space := live(t, objects["Namespace/"+testSpace])
	policy := live(t, objects["NetworkPolicy/tenure-default-deny"])
	opened := clone(t, policy)
	set(opened, []any{tree{}}, "spec", "ingress")
	page := "/namespaces/" + testCluster + "/" + testSpace
	cases := map[string]struct {
		before, now tree
		rule, path  string
		filled      map[string]string
	}{
		"a quota, with what was asked": {quota, raised, "governed", workflow.QuotaFormPath, map[string]string{
			"cpu": "16", "memory": "64Gi", "storage": "100Gi", "objects.services.loadbalancers": "2", "objects.configmaps": "100", "objects.count/jobs.batch": "1000",
		}},
		"a quota of their own":   {nil, fromYAML(t, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: mine, namespace: payments-api-prod}, spec: {hard: {cpu: 1e3, memory: lots}}}"), "governed", workflow.QuotaFormPath, map[string]string{"cpu": "1k"}},
		"a quota that is gone":   {quota, nil, "governed", page, nil},
		"access for a group":     {nil, bound("edit", subjectOf("Group", "", group)), "governed", workflow.AccessFormPath, map[string]string{"role": "edit", "subject": "group", "group": group}},
		"access as Tenure gives": {nil, bound("tenure:view", subjectOf("User", "", group)), "governed", workflow.AccessFormPath, map[string]string{"role": "view", "subject": "person", "person": group}},
		"access for somebody":    {nil, bound("admin", subjectOf("User", "", "max@contoso.example&role=edit")), "governed", workflow.AccessFormPath, map[string]string{"role": "admin", "subject": "person"}},
		"access for an account":  {nil, bound("x", subjectOf("ServiceAccount", testSpace, "default")), "governed", workflow.AccessFormPath, nil},
		"access for several":     {nil, bound("view", subjectOf("Group", "", group), subjectOf("Group", "", group)), "governed", workflow.AccessFormPath, map[string]string{"role": "view"}},
		"access to everything":   {nil, bound("cluster-admin", subjectOf("Group", "", group)), "rbac-cluster-admin", workflow.AccessFormPath, map[string]string{"subject": "group", "group": group}},
		"access that goes":       {live(t, bound("view", subjectOf("Group", "", group))), nil, "governed", page, nil},
		"a limit":                {limits, looser, "governed", page, nil},
		"the namespace":          {space, nil, "namespace", page, nil},
		"a policy that opens":    {policy, opened, "governed", workflow.NetworkFormPath, nil},
		"a policy that goes":     {policy, nil, "governed", page, nil},
		"a pod below its level":  {nil, workload(podKind, goodLabels, tree{"containers": []any{tree{"name": "a", "image": goodImage}}}), "pod-security", page, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			path, fields := asks(t, Evaluate(snapshot, write(t, clusterAdmin, c.before, c.now)), c.rule)
			want := maps.Clone(c.filled)
			if path != page {
				if want == nil {
					want = map[string]string{}
				}
				want["cluster"], want["namespace"] = testCluster, testSpace
				if path != workflow.NetworkFormPath {
					want["tenant"] = "payments"
				}
			} else {
				want = map[string]string{}
			}
			if diff := cmp.Diff(want, fields); path != c.path || diff != "" {
				t.Errorf("it leads to %s with (-want +got)\n%s", path, diff)
			}
		})
	}
}

func TestWhereTheLevelIsTheLowestADenialSaysSo(t *testing.T) {
	pod := workload(podKind, goodLabels, podSpec(goodImage))
	set(at(pod, "spec").(tree), true, "hostNetwork")
	set(pod, "payments-api-dev", "metadata", "namespace")
	text := expectRefused(t, testSnapshot(t), write(t, developer, nil, pod), "pod-security")
	if want := "Ask for help, as no tenant is given a lower level: https://tenure.contoso.example/namespaces/weu-1/payments-api-dev"; !strings.Contains(text, want) {
		t.Errorf("the denial does not say\n%s\nbut\n%s", want, text)
	}
}

func TestABindingOnTheWholeClusterLeadsToTheFormOfItsTenant(t *testing.T) {
	request := write(t, clusterAdmin, nil, bindingObject("ClusterRoleBinding", "", "cluster-admin", subjectOf("ServiceAccount", testSpace, "default")))
	path, fields := asks(t, Evaluate(testSnapshot(t), request), "rbac-cluster-admin")
	if diff := cmp.Diff(map[string]string{"tenant": "payments", "cluster": testCluster}, fields); path != workflow.AccessFormPath || diff != "" {
		t.Errorf("it leads to %s with (-want +got)\n%s", path, diff)
	}
}

func TestADenialShowsWholeLinksOrNone(t *testing.T) {
	ask := "Ask for an exemption: https://tenure.contoso.example/requests/new/exemption?value=" + strings.Repeat("a", 500)
	long := workflow.Violation{Rule: "trusted-registry", Field: "image", Allowed: strings.Repeat("x", 2000), Ask: ask}
	if text := DenialText([]workflow.Violation{long}); !strings.HasSuffix(text, "… "+ask) || len(text) > maxDenial/4 {
		t.Errorf("%d bytes:\n%s", len(text), text)
	}
	long.Ask += strings.Repeat("b", 1000)
	if text := DenialText([]workflow.Violation{long}); strings.Contains(text, "https://") || len(text) > maxDenial/4 {
		t.Errorf("%d bytes:\n%s", len(text), text)
	}
	long.Ask = ""
	if text := DenialText([]workflow.Violation{long}); !strings.HasSuffix(text, "x…") || len(text) > maxDenial/4 {
		t.Errorf("%d bytes:\n%s", len(text), text)
	}
}

func TestAFormThatWouldNeedAnEndlessLinkIsOpenedEmpty(t *testing.T) {
	snapshot := testSnapshot(t)
	full, empty := "/requests/new/network?a="+strings.Repeat("b", maxLink-24), "/requests/new/network"
	if got := snapshot.askFor("it", full); got != "Ask for it: https://tenure.contoso.example"+full {
		t.Error(got)
	}
	if got := snapshot.askFor("it", full+"b"); got != "Ask for it: https://tenure.contoso.example"+empty {
		t.Error(got)
	}
}

// FuzzAskExemption fills the form in with whatever objects hold.
func FuzzAskExemption(f *testing.F) {
	f.Add("nginx", "app", "web")
	f.Add("https://evil.io/?a=b&rule=governed#x", "app.kubernetes.io/name", "a&tenant=search")
	f.Add("a\x00b\xff", "a\u202Eb", strings.Repeat("%", 300))
	o := newObject(testSnapshot(f), write(f, developer, nil, workload(podKind, goodLabels, podSpec(goodImage))))
	f.Fuzz(func(t *testing.T, image, key, value string) {
		for _, what := range []string{foundImage(workflow.Violation{Value: image}, nil).value, labelValue(key, value, true), image, key} {
			_, link, _ := strings.Cut(o.askExemption("trusted-registry", finding{labels: map[string]string{key: value}, value: what}), ": ")
			_, fields := readLink(t, link)
			for name, text := range fields {
				switch name {
				case "tenant", "cluster", "namespace", "rule":
					if text != map[string]string{"tenant": "payments", "cluster": testCluster, "namespace": testSpace, "rule": "trusted-registry"}[name] {
						t.Errorf("%s is %q", name, text)
					}
				case "value":
					if text != what || len(text) > maxValue {
						t.Errorf("the value is %q, not %q", text, what)
					}
				case "selector":
					if text != key+"="+value {
						t.Errorf("the selector is %q", text)
					}
				default:
					t.Errorf("there is a field %q", name)
				}
			}
		}
	})
}
