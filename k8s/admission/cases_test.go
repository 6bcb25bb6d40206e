package admission

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"tenure.dev/workflow"
)

// admissionCase is one line of an index cases.jsonl: an object, a rule with its
// parameters, and the verdict that an admission webhook should give.
type admissionCase struct {
	ID         string          `json:"id"`
	Path       string          `json:"path"`
	APIVersion string          `json:"api_version"`
	Kind       string          `json:"kind"`
	Name       string          `json:"name"`
	Namespace  string          `json:"namespace"`
	Operation  Operation       `json:"operation"`
	Rule       string          `json:"rule"`
	Params     json.RawMessage `json:"params"`
	Expect     string          `json:"expect"` // allow or deny
	OldPath    string          `json:"old_object_path"`
	Context    string          `json:"context_path"` // objects that exist already
	Real       *struct {
		Operation   Operation `json:"operation"`
		SubResource string    `json:"subResource"`
	} `json:"real_request"`
}

// TestAdmissionCases sends each case of a folder through the HTTP handler. The
// folder testdata/cases is ours; TENURE_CASES names a further one.
func TestAdmissionCases(t *testing.T) {
	folders := []string{"testdata/cases"}
	if more := os.Getenv("TENURE_CASES"); more != "" {
		folders = append(folders, more)
	}
	right, all := 0, 0
	for _, folder := range folders {
		for _, c := range readCases(t, folder) {
			policy, level, ok := c.policy(t)
			if !ok {
				continue // of a rule that is not built yet
			}
			all++
			if wrong := c.try(t, folder, policy, level); wrong != "" {
				t.Errorf("%s (%s, expect %s): %s", c.ID, c.Rule, c.Expect, wrong)
				continue
			}
			right++
		}
	}
	t.Logf("cases: %d of %d", right, all)
}

func readCases(t *testing.T, folder string) []admissionCase {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "cases.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var cases []admissionCase
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c admissionCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		cases = append(cases, c)
	}
	if err := lines.Err(); err != nil || len(cases) == 0 {
		t.Fatalf("%s: %d cases (%v)", folder, len(cases), err)
	}
	return cases
}

// policy sets only the case's rule, and gives the namespace's level of pod
// security; false for rules that there are none of yet.
func (c admissionCase) policy(t *testing.T) (workflow.Policy, workflow.SecurityLevel, bool) {
	t.Helper()
	policy := testPolicy()
	policy.Rules = map[string]workflow.RuleSetting{"pod-security": {Mode: workflow.RuleOff}}
	level := workflow.LevelBaseline
	switch c.Rule {
	case "pod-security-baseline", "pod-security-restricted":
		var params struct{ Level workflow.SecurityLevel }
		c.decodeParams(t, &params)
		policy.Rules["pod-security"] = workflow.RuleSetting{Mode: workflow.RuleDeny}
		level = params.Level
	case "trusted-registry":
		var params struct {
			Images []string `json:"allowed_images"`
		}
		c.decodeParams(t, &params)
		policy.Rules[c.Rule] = setting(workflow.RuleDeny, string(encode(t, tree{"images": params.Images})))
	case "rbac-cluster-admin":
		// The case asks of a role, whoever gets it.
		policy.Rules[c.Rule] = setting("", `{"subjects":"all"}`)
	case "required-label":
		policy.Rules[c.Rule] = setting(workflow.RuleDeny, string(encode(t, c.requiredLabels(t))))
	case "networkpolicy-opening":
		policy.PlatformFlows, _ = c.approvedFlows(t)
	case "networkpolicy-required":
	default:
		return policy, "", false
	}
	return policy, level, true
}

func (c admissionCase) requiredLabels(t *testing.T) tree {
	t.Helper()
	var params struct {
		Kinds  []string `json:"kinds"`
		Labels []struct {
			Key     string `json:"key"`
			Pattern string `json:"pattern"`
		} `json:"labels"`
		NotEmpty bool `json:"value_must_not_be_empty"`
	}
	c.decodeParams(t, &params)
	labels := make([]tree, len(params.Labels))
	for i, label := range params.Labels {
		if label.Pattern == "" && params.NotEmpty {
			label.Pattern = "^.+$"
		}
		labels[i] = tree{"key": label.Key, "pattern": label.Pattern}
	}
	return tree{"kinds": params.Kinds, "labels": labels}
}

func (c admissionCase) decodeParams(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(c.Params, into); err != nil {
		t.Fatalf("%s: parameters: %v", c.ID, err)
	}
}

// try asks the webhook and says what is wrong with its answer.
func (c admissionCase) try(t *testing.T, folder string, policy workflow.Policy, level workflow.SecurityLevel) string {
	t.Helper()
	request := c.request(t, folder)
	space := request.Namespace
	if space == "" {
		space = "any-namespace"
	}
	state := &workflow.ApprovedState{Commit: testCommit, Policy: policy, Tenancies: map[string]workflow.Tenancy{
		"cases": {Name: "cases", Namespaces: []workflow.Namespace{testNamespace(space, level)}},
	}}
	snapshot, err := NewSnapshot(state, testCluster)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	if c.Rule == "networkpolicy-opening" {
		_, further := c.approvedFlows(t)
		approve(snapshot.grants[space], further)
	}
	handler, _, _ := testHandler(t, snapshot)
	handler.Roles = c.roles(t, folder)
	if c.Rule == "networkpolicy-required" {
		handler.Policies = c.policies(t, folder, space)
	}
	response := ask(t, handler, request)
	named := named(response, c.ruleName())
	switch {
	case named != (c.Expect == "deny"):
		return fmt.Sprintf("allowed is %v: %+v", response.Allowed, response.Result)
	case request.Kind.Kind == "Namespace", request.Kind.Kind == "RoleBinding":
		return "" // which nobody approved: the rules namespace and governed refuse it as well
	case response.Allowed != (c.Expect == "allow"):
		return fmt.Sprintf("allowed is %v: %+v", response.Allowed, response.Result)
	}
	return ""
}

// ruleName is what we call the rule.
func (c admissionCase) ruleName() string {
	switch c.Rule {
	case "pod-security-baseline", "pod-security-restricted":
		return "pod-security"
	case "networkpolicy-opening":
		return "network-opening"
	case "networkpolicy-required":
		return "network-required"
	}
	return c.Rule
}

// named says whether a denial names a rule.
func named(response *admissionv1.AdmissionResponse, rule string) bool {
	return response.Result != nil && slices.ContainsFunc(strings.Split(response.Result.Message, "\n"), func(line string) bool {
		return strings.HasPrefix(line, rule+": ")
	})
}

// request is the case as the API server would send it.
func (c admissionCase) request(t *testing.T, folder string) Request {
	t.Helper()
	version, err := schema.ParseGroupVersion(c.APIVersion)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	request := Request{
		Operation: c.Operation, Kind: version.WithKind(c.Kind), Name: c.Name, Namespace: c.Namespace, User: developer,
		Object: readObject(t, filepath.Join(folder, c.Path)),
	}
	if request.Namespace == "" && c.Kind != "ClusterRoleBinding" {
		request.Namespace = "any-namespace"
	}
	if c.OldPath != "" {
		request.OldObject = readObject(t, filepath.Join(folder, c.OldPath))
	}
	if c.Real != nil && c.Real.SubResource == "ephemeralcontainers" {
		request.Operation, request.SubResource = c.Real.Operation, c.Real.SubResource
		before := clone(t, request.Object)
		delete(before["spec"].(tree), "ephemeralContainers")
		request.OldObject = encode(t, before)
	}
	return request
}

// roles are the roles among the objects that exist already.
func (c admissionCase) roles(t *testing.T, folder string) Roles {
	t.Helper()
	if c.Context == "" {
		return nil
	}
	return rolesOf(c.existing(t, folder))
}

// existing are the objects that exist already.
func (c admissionCase) existing(t *testing.T, folder string) []document {
	t.Helper()
	if c.Context == "" {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(folder, c.Context))
	if err != nil {
		t.Fatal(err)
	}
	documents, err := splitStream(data)
	if err != nil {
		t.Fatalf("%s: %v", c.ID, err)
	}
	return documents
}

func readObject(t *testing.T, path string) json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return raw
}
