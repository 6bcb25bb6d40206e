package main

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestThePortalIsReadyWhileArgoCDIsAwayAndSaysSo(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // nobody answers there now
	s := devSettings(t, filepath.Join(t.TempDir(), "data"))
	s.Kubeconfig = filepath.Join(t.TempDir(), "kubeconfig")
	writeFile(t, s.Kubeconfig, fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: "https://%s"}}],
  users: [{name: u, user: {token: secret-token}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, address))
	r := startDev(t, s)
	if status, _ := r.get("/readyz"); status != http.StatusOK {
		t.Errorf("readyz answers %d", status)
	}
	ada := newBrowser(t, "http://"+r.portal, nil)
	ada.signIn("Ada Admin", "/health").want(t, http.StatusOK, "Argo CD")
	eventually(t, "the health page says that Argo CD does not answer", func() bool {
		text := ada.open("/health").text
		return strings.Contains(text, "The cluster that runs Argo CD does not answer") && strings.Contains(text, "connection refused")
	})
	if strings.Contains(r.log.String(), "secret-token") {
		t.Error("the log holds the token")
	}
}

func TestAKubeconfigThatCannotBeReadEndsTheStart(t *testing.T) {
	s := devSettings(t, filepath.Join(t.TempDir(), "data"))
	s.Kubeconfig = filepath.Join(t.TempDir(), "nothing-here")
	var out, log transcript
	if err := serve(t.Context(), s, &out, &log); err == nil || !strings.Contains(err.Error(), s.Kubeconfig) {
		t.Errorf("it ended with %v", err)
	}
}

func TestTheClusterOfArgoCDIsTheOneThatThePolicyGivesItsServer(t *testing.T) {
	for name, c := range map[string]struct {
		servers map[string]string
		want    string
	}{
		"one of two":   {map[string]string{"weu-1": argocdServer, "neu-1": "https://neu-1.example.com"}, "weu-1"},
		"none":         {map[string]string{"neu-1": "https://neu-1.example.com"}, ""},
		"two names":    {map[string]string{"weu-1": argocdServer, "neu-1": argocdServer}, ""},
		"no clusters":  {nil, ""},
		"another path": {map[string]string{"weu-1": argocdServer + "/other"}, ""},
	} {
		policy := workflow.Policy{Clusters: map[string]workflow.Cluster{}}
		for cluster, server := range c.servers {
			policy.Clusters[cluster] = workflow.Cluster{Server: server}
		}
		if got := clusterAt(policy, argocdServer); got != c.want {
			t.Errorf("%s: it is %q, want %q", name, got, c.want)
		}
	}
}
