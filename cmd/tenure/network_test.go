package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const networkManifests = `
apiVersion: v1
kind: Namespace
metadata: {name: payments-api, labels: {tenure.dev/tenant: payments}}
---
apiVersion: v1
kind: Namespace
metadata: {name: search-api, labels: {tenure.dev/tenant: search}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: payments-api}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
`

const networkOpening = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: payments-api}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 10.20.0.0/16}}], ports: [{protocol: TCP, port: 5432}]}]
`

const networkLog = `{"flow":{"time":"2026-11-20T08:00:01Z","verdict":"DROPPED","IP":{"source":"10.244.1.7","destination":"10.20.3.4"},"l4":{"TCP":{"destination_port":5432}},"source":{"namespace":"payments-api","labels":["k8s:app=api"]},"destination":{"labels":["reserved:world"]}}}
{"flow":{"time":"2026-11-20T08:00:02Z","verdict":"DROPPED","IP":{"source":"10.244.1.7","destination":"10.9.9.9"},"l4":{"TCP":{"destination_port":443}},"source":{"namespace":"payments-api","labels":["k8s:app=api"]},"destination":{"labels":["reserved:world"]}}}
`

func TestTheNetworkCommandsAnswerFromManifestsAlone(t *testing.T) {
	dir := t.TempDir()
	closed, opened, log := filepath.Join(dir, "closed"), filepath.Join(dir, "opened"), filepath.Join(dir, "flows.json")
	for path, content := range map[string]string{
		filepath.Join(closed, "a.yaml"): networkManifests, filepath.Join(closed, "notes.txt"): "no manifest",
		filepath.Join(opened, "deep", "a.yaml"): networkManifests + networkOpening, log: networkLog,
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	flow := []string{"--from", "payments-api/app=api", "--to", "10.20.3.4", "--port", "5432"}
	cases := map[string]struct {
		args []string
		code int
		want string
	}{
		"diff that opens":         {[]string{"diff", "--before", closed, "-f", opened}, 1, "+ pods app=api in namespace payments-api  => 10.20.0.0/16  TCP 5432"},
		"diff that closes":        {[]string{"diff", "--before", opened, "-f", closed}, 0, "- pods app=api in namespace payments-api  => 10.20.0.0/16  TCP 5432"},
		"diff of nothing":         {[]string{"diff", "--before", opened, "-f", opened}, 0, "Nothing changes."},
		"explain what is stopped": {append([]string{"explain", "-f", closed}, flow...), 1, "is not let through"},
		"explain what passes":     {append([]string{"explain", "-f", opened}, flow...), 0, "let through by out spec.egress[0].to[0]"},
		"connectivity as JSON":    {[]string{"connectivity", "-f", closed, "-o", "json"}, 0, "[]"},
		"a format there is not":   {[]string{"connectivity", "-f", closed, "-o", "yaml"}, 2, "allowed are text, json, dot and markdown"},
		"a folder with nothing":   {[]string{"connectivity", "-f", filepath.Join(closed, "notes.txt")}, 2, "notes.txt"},
		"a port there is not":     {[]string{"explain", "-f", closed, "--from", "a/b", "--to", "10.0.0.1", "--port", "0"}, 2, "a port such as 443"},
		"suggest what is missing": {
			[]string{"suggest", "-f", opened, "--log", log, "--tenant", "payments", "--cluster", "weu-1", "--portal", "https://tenure.example.com"}, 0,
			"https://tenure.example.com/requests/new/network?cidr=10.9.9.9%2F32&cluster=weu-1",
		},
		"suggest counts what is there": {[]string{"suggest", "-f", opened, "--log", log, "--tenant", "payments", "--cluster", "weu-1"}, 0, "2 flows. 1 are let through now"},
		"suggest for nobody":           {[]string{"suggest", "-f", opened, "--log", log, "--tenant", "nobody", "--cluster", "weu-1"}, 2, `"nobody"`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var out, errOut strings.Builder
			err := run(t.Context(), append([]string{"tenure", "network"}, c.args...), strings.NewReader(""), &out, &errOut)
			code := exitCode(err, &errOut)
			if text := out.String() + errOut.String(); code != c.code || !strings.Contains(text, c.want) {
				t.Errorf("exit code %d, want %d; %q does not say %q", code, c.code, text, c.want)
			}
		})
	}
}
