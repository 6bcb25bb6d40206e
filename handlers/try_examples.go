package handlers

import (
	"net/url"
	"slices"

	"tenure.dev/web"
)

// tryExample is a manifest to begin with.
type tryExample struct {
	name     string
	title    string
	asGitOps bool // to be applied by the GitOps identity, not by the reader
	inside   bool // in a namespace of the reader's, where they have one: it says nothing elsewhere
	manifest string
}

// exampleNamespace is the namespace that the examples name.
const exampleNamespace = "payments-api-dev"

// tryExamples show what the rules are about.
var tryExamples = []tryExample{
	{name: "namespace", title: "A namespace nobody approved", asGitOps: true, manifest: `apiVersion: v1
kind: Namespace
metadata:
  name: payments-shadow
  labels:
    tenure.dev/tenant: payments
    tenure.dev/environment: dev
`},
	{name: "privileged", title: "A privileged pod", manifest: `apiVersion: v1
kind: Pod
metadata:
  name: debug
  namespace: payments-api-dev
spec:
  hostNetwork: true
  containers:
    - name: shell
      image: docker.io/library/alpine:3.22
      securityContext:
        privileged: true
`},
	{name: "deployment", title: "A deployment that keeps the rules", manifest: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: payments-api-dev
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app.kubernetes.io/name: web}
  template:
    metadata:
      labels: {app.kubernetes.io/name: web}
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile: {type: RuntimeDefault}
      containers:
        - name: web
          image: contoso.azurecr.io/payments/web:1.4.2
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 256Mi}
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: {drop: [ALL]}
`},
	{name: "policy-inside", title: "A NetworkPolicy inside the namespace", inside: true, manifest: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web-to-api
  namespace: payments-api-dev
spec:
  podSelector:
    matchLabels: {app.kubernetes.io/name: api}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels: {app.kubernetes.io/name: web}
      ports:
        - {protocol: TCP, port: 8080}
`},
	{name: "policy-open", title: "A NetworkPolicy that opens to everybody", inside: true, manifest: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-all
  namespace: payments-api-dev
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - {}
`},
}

func findExample(name string) (tryExample, bool) {
	i := slices.IndexFunc(tryExamples, func(e tryExample) bool { return e.name == name })
	if i < 0 {
		return tryExample{}, false
	}
	return tryExamples[i], true
}

func exampleLinks() []web.Link {
	links := make([]web.Link, 0, len(tryExamples))
	for _, example := range tryExamples {
		links = append(links, web.Link{Text: example.title, Href: "/try?" + url.Values{"example": {example.name}}.Encode()})
	}
	return links
}
