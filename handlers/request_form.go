package handlers

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"tenure.dev/workflow"
)

// The names of the form's fields; problems name fields by them.
const (
	fieldTenant      = "tenant"
	fieldName        = "name"
	fieldEnvironment = "environment"
	fieldCluster     = "cluster"
	fieldSize        = "size"
	fieldPodSecurity = "podSecurity"
	fieldPurpose     = "purpose"
)

// maxTyped bounds one field as it is kept and shown again, in bytes. The domain
// allows far less; this is what "nothing typed is lost" costs at most.
const maxTyped = 64 << 10

// typedDraft is the form for a namespace as somebody typed it.
type typedDraft struct {
	Tenant      string
	Name        string
	Environment string
	Cluster     string
	Size        string
	PodSecurity string
	Purpose     string
}

// parseDraft reads the form. It judges nothing; it only makes text of what may
// be anything.
func parseDraft(values url.Values) typedDraft {
	return typedDraft{
		Tenant:      typedLine(values, fieldTenant),
		Name:        typedLine(values, fieldName),
		Environment: typedLine(values, fieldEnvironment),
		Cluster:     typedLine(values, fieldCluster),
		Size:        typedLine(values, fieldSize),
		PodSecurity: typedLine(values, fieldPodSecurity),
		Purpose:     typedText(values, fieldPurpose),
	}
}

// draft is the command for the domain.
func (t typedDraft) draft() workflow.Draft {
	return workflow.Draft{Tenant: t.Tenant, Change: workflow.NamespaceChange{
		Name: t.Name, Cluster: t.Cluster, Environment: t.Environment, Size: t.Size,
		PodSecurity: workflow.SecurityLevel(t.PodSecurity), Purpose: t.Purpose,
	}}
}

// draftOf is a request's change as it stands in the form.
func draftOf(tenant string, change workflow.Change) (typedDraft, bool) {
	n, ok := change.(workflow.NamespaceChange)
	return typedDraft{
		Tenant: tenant, Name: n.Name, Environment: n.Environment, Cluster: n.Cluster,
		Size: n.Size, PodSecurity: string(n.PodSecurity), Purpose: n.Purpose,
	}, ok
}

// typedLine reads a field of one line; spaces around it are slips of the hand.
func typedLine(values url.Values, name string) string {
	return strings.TrimSpace(typedText(values, name))
}

// typedText reads a field of several lines, with newlines as Unix writes them:
// browsers send CR LF (WHATWG HTML, "multipart form data" and urlencoded alike).
func typedText(values url.Values, name string) string {
	text := values.Get(name)
	if len(text) > maxTyped {
		text = text[:maxTyped]
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}
