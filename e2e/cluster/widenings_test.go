package cluster

import (
	"bufio"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// admissionTests builds the tests of k8s/admission, which is in another module, and
// gives the binary.
func admissionTests(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "admission.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "./k8s/admission")
	build.Dir = filepath.Join("..", "..")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the tests of k8s/admission: %v\n%s", err, output)
	}
	return binary
}

// What must never break, 1, on a real API server with Tenure's webhook and policies:
// what is rendered for generated tenancies is let through from the GitOps identity, and
// no mutation of what is live then is from anybody. The tenancies, the operators and
// the webhook are those of k8s/admission.
func TestNoMutationOfALiveGovernedObjectIsLetThrough(t *testing.T) {
	binary := admissionTests(t)
	c := start(t, t.TempDir())
	apply(t, c, ciliumKind)
	kubectl(t, c, "admin", "wait", "--for=condition=Established", "crd/ciliumnetworkpolicies.cilium.io", "--timeout=90s")
	program := exec.CommandContext(t.Context(), binary, "-control-plane", filepath.Dir(c.Kubeconfig("gitops")), "-test.v")
	program.Dir = t.TempDir()
	input, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(output)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	var webhook, authority string
	for webhook == "" {
		line, err := said.ReadString('\n')
		if err != nil {
			t.Fatalf("it ended without a webhook: %v, %v", err, program.Wait())
		}
		if words := strings.Fields(line); len(words) == 3 && words[0] == "webhook" {
			webhook, authority = words[1], words[2]
		}
	}
	if err := c.Install(t.Context(), InstallOptions{Webhook: webhook, CA: authority}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(input, "registered\n"); err != nil {
		t.Fatal(err)
	}
	report, err := io.ReadAll(said)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", report)
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
}
