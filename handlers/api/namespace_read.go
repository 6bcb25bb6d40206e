package api

import (
	"time"

	"tenure.dev/workflow"
)

// NamespaceDetail is a namespace with all that its page shows.
type NamespaceDetail struct {
	Namespace
	Tenant       string           `json:"tenant"`
	MayAsk       bool             `json:"mayAsk"`
	Use          *Use             `json:"use,omitempty" doc:"What is in use; not there where nobody watches the cluster."`
	Requests     []RequestSummary `json:"requests" doc:"Those about it: the open ones first, then newest first."`
	Connectivity *Connectivity    `json:"connectivity,omitempty" doc:"What it may talk to now; not there where nothing can be said."`
	Files        []File           `json:"files" doc:"The tenancy's document and the namespace's manifests, as they are in the repository."`
	At           *time.Time       `json:"at,omitempty" doc:"What this holds at."`
	Commit       string           `json:"commit" doc:"The verified commit that this is read from."`
}

// File is one file of the GitOps repository.
type File struct {
	Path    string `json:"path"`
	Content string `json:"content"`
}

func fileOf(f workflow.File) File { return File{Path: f.Path, Content: string(f.Content)} }

// readNamespace answers: what does it have, since when, until when?
func readNamespace(c call, _ none) (NamespaceDetail, error) {
	view, err := c.api.Service.Namespace(c.ctx, c.actor, c.Param("cluster"), c.Param("namespace"))
	if err != nil {
		return NamespaceDetail{}, err
	}
	detail := NamespaceDetail{
		Namespace: namespaceOf(view.Namespace), Tenant: view.Tenancy.Name, MayAsk: view.MayAsk,
		Requests: each(view.Requests, summaryOf), Connectivity: connectivityOf(view.Connectivity),
		Files: each(view.Files, fileOf), At: utc(view.Now), Commit: view.Commit,
	}
	if view.Used != nil {
		detail.Use = &Use{Used: sizeOf(view.Used.Used), Hard: sizeOf(view.Used.Hard), At: utc(view.Used.At)}
	}
	return detail, nil
}
