package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	approvedDeployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: payments-api-dev
  labels: {app.kubernetes.io/name: web}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: web}}
  template:
    metadata: {labels: {app.kubernetes.io/name: web}}
    spec:
      containers:
        - {name: web, image: "contoso.azurecr.io/payments/web:1.0"}
`
	privilegedPod = `apiVersion: v1
kind: Pod
metadata:
  name: debug
  namespace: payments-api-dev
spec:
  containers:
    - name: shell
      image: docker.io/library/alpine:3.22
      securityContext: {privileged: true}
`
	gitopsIdentity    = "system:serviceaccount:argocd:gitops"
	namespaceManifest = "clusters/weu-1/payments/payments-api-dev/00-namespace.yaml"
)

// asked is a world with an approved namespace, and the arguments that every
// check of it begins with.
func asked(t *testing.T) (w *world, args []string) {
	t.Helper()
	w = newWorld(t)
	w.grant("payments-api-dev", 42)
	return w, []string{"check", "--repository", w.remote, "--cluster", devCluster, "--trust", w.trust()}
}

func TestCheckExitsWithZeroWhenEverythingIsAllowed(t *testing.T) {
	w, args := asked(t)
	file := w.file("web.yaml", approvedDeployment)
	got := tenure(t, append(args, "-f", file)...)
	got.want(t, 0, "allowed  Deployment payments-api-dev/web  ("+file+")\n", "")
	if got.err != "" {
		t.Errorf("standard error holds %q", got.err)
	}
}

func TestCheckExitsWithOneAndNamesEveryViolationOfEveryFile(t *testing.T) {
	w, args := asked(t)
	good, bad := w.file("web.yaml", approvedDeployment), w.file("debug.yaml", privilegedPod)
	got := tenure(t, append(args, "-f", bad, "-f", good)...)
	got.want(t, 1, "denied   Pod payments-api-dev/debug  ("+bad+")\n", "")
	for _, says := range []string{
		"allowed  Deployment payments-api-dev/web  (" + good + ")\n",
		`trusted-registry: spec.containers[0].image "docker.io/library/alpine:3.22": `,
		"pod-security: ",
	} {
		if !strings.Contains(got.out, says) {
			t.Errorf("%q is not said:\n%s", says, got.out)
		}
	}
}

func TestCheckReadsStandardInput(t *testing.T) {
	_, args := asked(t)
	tenureReading(t, approvedDeployment+"---\n"+privilegedPod, append(args, "-f", "-")...).want(t, 1, "denied   Pod payments-api-dev/debug  (-)\n", "")
}

func TestCheckWritesJSONForPipelines(t *testing.T) {
	w, args := asked(t)
	good, bad := w.file("web.yaml", approvedDeployment), w.file("debug.yaml", privilegedPod)
	got := tenure(t, append(args, "-o", "json", "-f", good, "-f", bad)...)
	got.want(t, 1, "", "")
	// The fields are spelled out: pipelines read them by these names.
	var results []struct {
		File, Object, Commit string
		Allowed              bool
		Request              int64
		Violations, Warnings []struct{ Rule, Field, Value, Message, Ask string }
	}
	decoder := json.NewDecoder(strings.NewReader(got.out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&results); err != nil {
		t.Fatalf("%v in:\n%s", err, got.out)
	}
	if len(results) != 2 {
		t.Fatalf("%d results", len(results))
	}
	web, debug := results[0], results[1]
	if !web.Allowed || web.File != good || web.Object != "Deployment payments-api-dev/web" || web.Request != 42 || web.Commit != head(t, w.remote) ||
		web.Violations == nil || len(web.Violations) != 0 {
		t.Errorf("the allowed one: %+v", web)
	}
	if debug.Allowed || debug.File != bad || len(debug.Violations) < 2 {
		t.Fatalf("the denied one: %+v", debug)
	}
	for _, v := range debug.Violations {
		if v.Rule == "" || v.Field == "" || v.Message == "" || !strings.HasPrefix(v.Ask, "Ask ") {
			t.Errorf("a violation lacks something: %+v", v)
		}
	}
}

func TestCheckJudgesByWhoWouldApplyIt(t *testing.T) {
	w, args := asked(t)
	file := w.file("namespace.yaml", show(t, w.remote, "main", namespaceManifest))
	args = append(args, "-f", file)
	tenure(t, append(args, "--user", gitopsIdentity, "--group", "system:serviceaccounts", "--group", "system:serviceaccounts:argocd")...).
		want(t, 0, "allowed  Namespace payments-api-dev", "")
	tenure(t, append(args, "--user", "dana@contoso.example", "--group", paymentsMembers)...).
		want(t, 1, "denied   Namespace payments-api-dev", "")
	tenure(t, args...).want(t, 1, "denied   Namespace payments-api-dev", "")
	// The group alone makes nobody the GitOps identity.
	tenure(t, append(args, "--group", gitopsIdentity)...).want(t, 1, "denied   Namespace payments-api-dev", "")
}

func TestCheckJudgesByTheClusterThatWasApproved(t *testing.T) {
	w, _ := asked(t)
	file := w.file("namespace.yaml", show(t, w.remote, "main", namespaceManifest))
	tenure(t, "check", "--repository", w.remote, "--trust", w.trust(), "--cluster", "neu-1", "--user", gitopsIdentity, "-f", file).
		want(t, 1, "denied   Namespace payments-api-dev", "")
}

func TestCheckSaysThatItCouldNotJudge(t *testing.T) {
	w, args := asked(t)
	good := w.file("web.yaml", approvedDeployment)
	stranger := newWorld(t)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no file at all":        {args, "file"},
		"a file that is absent": {append(args, "-f", good, "-f", filepath.Join(w.data, "absent.yaml")), "absent.yaml"},
		"a folder":              {append(args, "-f", w.data), w.data},
		"an empty manifest":     {append(args, "-f", w.file("empty.yaml", "")), "empty.yaml: There is no object"},
		"only comments":         {append(args, "-f", w.file("comments.yaml", "# nothing\n---\n# nothing\n")), "comments.yaml: There is no object"},
		"empty standard input":  {append(args, "-f", "-"), "-: There is no object"},
		"not YAML":              {append(args, "-f", w.file("broken.yaml", "kind: [")), "broken.yaml: Document 1 is no YAML"},
		"not an object":         {append(args, "-f", w.file("list.yaml", "- a\n- b\n")), "list.yaml: Document 1 is no Kubernetes object"},
		"one good, one broken":  {append(args, "-f", good, "-f", w.file("broken.yaml", "kind: [")), "broken.yaml"},
		"a key that is twice":   {append(args, "-f", w.file("twice.yaml", "kind: Pod\nkind: Namespace\napiVersion: v1\n")), "twice.yaml"},
		"no namespace":          {append(args, "-f", w.file("web.yaml", strings.Replace(approvedDeployment, "  namespace: payments-api-dev\n", "", 1))), "metadata.namespace is missing"},
		"a huge manifest":       {append(args, "-f", w.file("huge.yaml", approvedDeployment+"# "+strings.Repeat("x", 9<<20))), "longer than 3 MiB"},
		"another output":        {append(args, "-f", good, "-o", "xml"), `--output "xml": allowed are text and json`},
		"an unknown cluster":    {[]string{"check", "--repository", w.remote, "--trust", w.trust(), "--cluster", "moon-1", "-f", good}, `--cluster "moon-1": the policy has no such cluster`},
		"no cluster":            {[]string{"check", "--repository", w.remote, "--trust", w.trust(), "-f", good}, "--cluster is needed"},
		"no repository":         {[]string{"check", "--cluster", devCluster, "-f", good}, "--repository is needed"},
		"nothing there":         {[]string{"check", "--repository", filepath.Join(w.data, "nowhere.git"), "--cluster", devCluster, "-f", good}, "nowhere.git"},
		"a key not trusted":     {[]string{"check", "--repository", w.remote, "--cluster", devCluster, "--trust", stranger.trust(), "-f", good}, "does not verify"},
		"not a fingerprint":     {[]string{"check", "--repository", w.remote, "--cluster", devCluster, "--trust", "0xABCD", "-f", good}, "0xABCD"},
	} {
		t.Run(name, func(t *testing.T) {
			got := tenure(t, c.args...)
			got.want(t, 2, "", c.says)
			if strings.Contains(got.out, "allowed  ") {
				t.Errorf("a verdict was printed:\n%s", got.out)
			}
		})
	}
}

func TestCheckDoesNotJudgeByARepositoryThatDoesNotVerify(t *testing.T) {
	w, args := asked(t)
	n := newNative(t, w.remote)
	n.replace("policy.yaml", `"contoso.azurecr.io/*"`, `"docker.io/*"`)
	commit := n.push("", "Trust another registry\n")
	got := tenure(t, append(args, "-f", w.file("web.yaml", approvedDeployment))...)
	got.want(t, 2, "", "does not verify, so nothing can be judged by it: "+commit)
	if got.out != "" {
		t.Errorf("a verdict was printed:\n%s", got.out)
	}
}

func TestCheckWarnsWhenNoKeyIsTrusted(t *testing.T) {
	w, _ := asked(t)
	file := w.file("web.yaml", approvedDeployment)
	got := tenure(t, "check", "--repository", w.remote, "--cluster", devCluster, "-o", "json", "-f", file)
	got.want(t, 0, `"allowed": true`, "tenure: warning: without --trust this is judged by whatever the repository says of itself, signed by ["+w.trust()+"]\n")
	if strings.Contains(got.out, "warning:") {
		t.Error("the warning stands in the output that pipelines read")
	}
}

func TestCheckReadsItsRepositoryWithoutChangingIt(t *testing.T) {
	w, args := asked(t)
	before := listing(t, w.remote)
	tenure(t, append(args, "-f", w.file("web.yaml", approvedDeployment))...).want(t, 0, "", "")
	if after := listing(t, w.remote); after != before {
		t.Errorf("the repository changed:\n%s\nwas:\n%s", after, before)
	}
}

// listing names every file below a folder with its size and time.
func listing(t testing.TB, folder string) string {
	t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && !entry.IsDir() {
			text.WriteString(path + " " + info.ModTime().String() + " " + info.Mode().String() + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestTheHelpOfTheToolsSaysTheirExitCodes(t *testing.T) {
	for _, command := range []string{"check", "verify"} {
		got := tenure(t, command, "--help")
		got.want(t, 0, "Exit code 0: ", "")
		for _, code := range []string{"1: ", "2: "} {
			if !strings.Contains(got.out, code) {
				t.Errorf("%s does not say what %q means:\n%s", command, code, got.out)
			}
		}
	}
}
