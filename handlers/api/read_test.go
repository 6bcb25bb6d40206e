package api_test

import (
	"bytes"
	"mime/multipart"
	"os"
	"strings"
	"testing"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

func TestWhoIAmAndWhatIsMine(t *testing.T) {
	w := newWorld(t)
	var me api.Me
	w.get("dana", "/me").into(200, &me)
	if me.Name != "dana" || me.Pipeline || len(me.Roles) != 0 || len(me.Tenants) != 1 || me.Tenants[0].Tenant != "payments" || !me.Tenants[0].MayAsk ||
		len(me.Tenants[0].Roles) != 1 || me.Tenants[0].Roles[0] != workflow.RoleMember {
		t.Errorf("%+v", me)
	}
	if len(me.Ending) == 0 || me.Ending[0].Until == nil || me.Ending[0].Tenant != "payments" {
		t.Errorf("what ends: %+v", me.Ending)
	}
	w.get("security-pipeline", "/me").into(200, &me)
	if !me.Pipeline || len(me.Roles) != 1 || me.Roles[0] != workflow.RoleSecurity || len(me.Tenants) != 2 {
		t.Errorf("%+v", me)
	}
	w.get("nobody-much", "/me").into(200, &me)
	if len(me.Tenants) != 0 {
		t.Errorf("%+v", me)
	}
	w.get("", "/me").problem(401)
}

func TestWhatATenantAndANamespaceHave(t *testing.T) {
	w := newWorld(t)
	w.ask("dana", "payments-web-dev")
	var tenant api.Tenant
	w.get("dana", "/tenants/payments").into(200, &tenant)
	if tenant.Owners != group(1) || len(tenant.Namespaces) != 1 || len(tenant.Requests) != 1 || tenant.Given.CPU != "4" || tenant.Ceiling.CPU != "32" || tenant.Commit != commit || len(tenant.Files) == 0 || tenant.Files[0].Path != "approved/payments.yaml" {
		t.Errorf("%+v", tenant)
	}
	var namespace api.NamespaceDetail
	w.get("dana", "/namespaces/weu-1/payments-api-dev").into(200, &namespace)
	switch {
	case namespace.Tenant != "payments", !namespace.MayAsk, len(namespace.Files) < 2, namespace.Connectivity == nil, namespace.Use != nil,
		namespace.Quota.CPU != "2", namespace.Quota.Memory != "8Gi", namespace.Quota.Objects["services"] != 5, namespace.Quota.Raise.CPU != "4",
		len(namespace.Access) != 2, namespace.Access[1].User == "", len(namespace.Network) != 1, namespace.Network[0].Peer.CIDR != "10.20.0.0/16",
		len(namespace.Exemptions) != 1, namespace.At == nil || !namespace.At.Equal(noon):
		t.Errorf("%+v", namespace)
	}
	for as, path := range map[string]string{"dana": "/connectivity?tenant=payments", "audrey": "/connectivity?tenant=payments&cluster=weu-1&namespace=payments-api-dev"} {
		var picture api.Picture
		w.get(as, path).into(200, &picture)
		if !picture.Known || len(picture.Ends) == 0 || len(picture.Flows) == 0 {
			t.Errorf("%s: %+v", path, picture)
		}
	}
	w.get("dana", "/connectivity").refused(400, "tenant")
	w.get("dana", "/connectivity?tenant=payments&cluster=weu-1").refused(400, "cluster")
	w.service.Analyzer = nil
	var unknown api.Picture
	if w.get("dana", "/connectivity?tenant=payments").into(200, &unknown); unknown.Known {
		t.Errorf("%+v", unknown)
	}
	var people api.People
	w.get("dana", "/people?tenant=payments").into(200, &people)
	if people.Known {
		t.Errorf("%+v", people)
	}
	w.get("max", "/people?tenant=payments").refused(422, "tenant")
}

func TestTheQueueTheRulesAndTheHealth(t *testing.T) {
	w := newWorld(t)
	w.ask("dana", "payments-web-dev")
	var queue api.Queue
	w.get("olivia", "/queue").into(200, &queue)
	if len(queue.Items) != 1 || !queue.Items[0].MayReview || queue.Items[0].Request.ID != 1 {
		t.Errorf("%+v", queue)
	}
	w.get("security-pipeline", "/queue").into(200, &queue)
	if len(queue.Items) != 1 || queue.Items[0].MayReview || !strings.Contains(queue.Items[0].WhyNot, "for people") {
		t.Errorf("%+v", queue)
	}
	var rules api.Rules
	w.get("max", "/rules").into(200, &rules)
	if len(rules.Rules) != len(workflow.Rulebook()) || len(rules.Sizes) != 1 || len(rules.Clusters) != 2 || len(rules.Environments) != 2 ||
		len(rules.Reviews) != 1 || rules.Longest[workflow.KindNetwork] != "2160h0m0s" || len(rules.Standing) != 3 {
		t.Errorf("%+v", rules)
	}
	var health api.Health
	w.get("audrey", "/health").into(200, &health)
	if health.Repository.OK || health.Repository.Location != "policy.yaml:12" || !health.Database.OK || health.ArgoCD.Watched {
		t.Errorf("%+v", health)
	}
	w.get("dana", "/health").into(200, &health)
	if health.Repository.OK || strings.Contains(health.Repository.Problem, "policy.yaml") || health.Repository.Verified != commit {
		t.Errorf("Dana sees %+v", health.Repository)
	}
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: payments-api-dev}\nspec: {containers: [{name: web, image: docker.io/library/nginx}]}\n"

func TestTheWebhooksVerdictOnManifests(t *testing.T) {
	w := newWorld(t)
	var verdicts api.Verdicts
	w.post("dana", "/verdicts", object{"cluster": "weu-1", "manifests": pod}).into(200, &verdicts)
	if len(verdicts.Verdicts) != 1 || verdicts.Verdicts[0].Allowed || len(verdicts.Verdicts[0].Violations) == 0 || verdicts.Verdicts[0].Tenant != "payments" ||
		!strings.HasPrefix(verdicts.Verdicts[0].Violations[0].Says, verdicts.Verdicts[0].Violations[0].Rule+": ") {
		t.Errorf("%+v", verdicts)
	}
	w.post("max", "/verdicts", object{"cluster": "weu-1", "user": "x", "manifests": pod}).into(200, &verdicts)
	if verdicts.Verdicts[0].Tenant != "" {
		t.Errorf("Max is told %+v", verdicts)
	}
	w.post("dana", "/verdicts", object{"cluster": "weu-1", "asGitOps": true, "manifests": pod}).into(200, &verdicts)
	w.post("dana", "/verdicts", object{"cluster": "weu-1", "asGitOps": true, "user": "x", "manifests": pod}).refused(422, "asGitOps")
	w.post("dana", "/verdicts", object{"cluster": "weu-1", "manifests": " \n"}).refused(422, "manifests")
	w.post("dana", "/verdicts", object{"cluster": "weu-1", "manifests": "a: ["}).refused(422, "manifests")
	w.post("dana", "/verdicts", object{"cluster": "mars", "manifests": pod}).refused(422, "cluster")
}

// form is a body of fields and files.
func form(t *testing.T, fields, files map[string]string) (body, media string) {
	t.Helper()
	var buffer bytes.Buffer
	writer := multipart.NewWriter(&buffer)
	for name, value := range fields {
		if err := writer.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range files {
		part, err := writer.CreateFormFile(name, name+".json")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.String(), writer.FormDataContentType()
}

func TestAFlowLogBecomesProposalsThatCanBeAskedFor(t *testing.T) {
	log, err := os.ReadFile("../../k8s/flowlog/testdata/hubble.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	seen := strings.ReplaceAll(string(log), "payments-api-prod", "payments-api-dev")
	suggest := func(as string, fields, files map[string]string) answer {
		w.Helper()
		body, media := form(t, fields, files)
		return w.do(as, "POST", "/suggestions", body, "Content-Type", media)
	}
	at := map[string]string{"tenant": "payments", "cluster": "weu-1"}
	var found api.Suggestions
	suggest("dana", at, map[string]string{"log": seen, "pods": `{"apiVersion":"v1","kind":"List","items":[]}`}).into(200, &found)
	if found.Records == 0 || len(found.Proposals) == 0 || found.Proposals[0].Change.Cluster != "weu-1" {
		t.Errorf("%+v", found)
	}
	suggest("max", at, map[string]string{"log": seen}).refused(422, "tenant")
	suggest("dana", map[string]string{"tenant": "payments", "cluster": "mars"}, map[string]string{"log": seen}).refused(422, "cluster")
	suggest("dana", at, map[string]string{"log": "what"}).problem(422)
	suggest("dana", nil, nil).refused(422, "tenant", "cluster", "log")
	suggest("dana", map[string]string{"tenant": "payments", "cluster": "weu-1", "log": seen, "x": "y"}, map[string]string{"z": "z"}).refused(422, "log", "x", "z")
	w.post("dana", "/suggestions", object{}).refused(415)
	w.do("dana", "POST", "/suggestions", "nothing", "Content-Type", "multipart/form-data; boundary=x").problem(400)
}
