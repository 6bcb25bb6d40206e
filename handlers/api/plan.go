package api

import (
	"encoding/json"
	"time"

	"tenure.dev/workflow"
)

// Plan is what a request would change, as reviewers see it and as it is committed.
type Plan struct {
	Digest       workflow.Digest     `json:"digest" doc:"SHA-256 over what a vote covers; a review names it."`
	Base         string              `json:"base" doc:"The verified commit that the plan was made at."`
	PlannedAt    *time.Time          `json:"plannedAt,omitempty"`
	Renderer     string              `json:"renderer"`
	Summary      []string            `json:"summary" doc:"What will be, in sentences."`
	Stages       []Stage             `json:"stages" doc:"Who must agree, one after the other."`
	Because      string              `json:"because" doc:"Why these stages."`
	Findings     []Finding           `json:"findings" doc:"What a reviewer should look at."`
	Edits        []Edit              `json:"edits" doc:"The change to what is approved, entry by entry."`
	Files        []FileChange        `json:"files" doc:"The files that change, by path."`
	Connectivity *Connectivity       `json:"connectivity,omitempty" doc:"What may talk to what, before and after."`
	Notes        []string            `json:"notes" doc:"What the cluster's network engine does differently here."`
	Images       map[string][]string `json:"images,omitempty" doc:"The images of each registry that a namespace may newly run images of, as the policy's catalogue has them."`
	WaitsFor     int64               `json:"waitsFor,omitempty" doc:"The request that asks for the namespace which this one is about, where it was not approved yet."`
	Policy       *PolicyEffect       `json:"policy,omitempty" doc:"What another policy brings with it; not there for other kinds."`
}

// Stage is a group of people who must agree, and how many of them.
type Stage struct {
	Role      workflow.Role `json:"role"`
	Needed    int           `json:"needed"`
	InsteadOf workflow.Role `json:"insteadOf,omitempty" doc:"The role that the policy asks for, where nobody else holds it."`
}

// Finding is something about a plan that a reviewer should not overlook.
type Finding struct {
	Severity workflow.Severity `json:"severity"`
	Label    string            `json:"label"`
	Message  string            `json:"message"`
	Href     string            `json:"href,omitempty" doc:"Where to do something about it: a path of the portal."`
}

// Edit is one entry of a tenancy that is added, removed or changed.
type Edit struct {
	Tenant string          `json:"tenant,omitempty" doc:"The other tenant's slug, where the entry is of its tenancy."`
	Entry  string          `json:"entry"`
	Before json.RawMessage `json:"before,omitempty" doc:"Not there when the entry is added."`
	After  json.RawMessage `json:"after,omitempty" doc:"Not there when the entry is removed."`
}

// FileChange is one file before and after.
type FileChange struct {
	Path   string  `json:"path"`
	Before *string `json:"before,omitempty" doc:"Not there when the file is new."`
	After  *string `json:"after,omitempty" doc:"Not there when the file goes."`
}

func planOf(p workflow.Plan) Plan {
	return Plan{
		Digest: p.Digest, Base: p.Base, PlannedAt: utc(p.PlannedAt), Renderer: p.Renderer, Summary: texts(p.Summary), Because: p.Because,
		Stages:   each(p.Stages, func(s workflow.Stage) Stage { return Stage(s) }),
		Findings: each(p.Findings, func(f workflow.Finding) Finding { return Finding(f) }),
		Edits: each(p.Edits, func(e workflow.Edit) Edit {
			return Edit{Tenant: e.Tenant, Entry: e.Entry, Before: entry(e.Before), After: entry(e.After)}
		}),
		Files: each(p.Files, func(f workflow.FileChange) FileChange {
			return FileChange{Path: f.Path, Before: content(f.Before), After: content(f.After)}
		}),
		Connectivity: connectivityOf(p.Connectivity), Notes: texts(p.Notes), Images: p.Images, WaitsFor: p.WaitsFor, Policy: policyEffectOf(p.Policy),
	}
}

// entry is an entry of a tenancy as JSON, nil for none and for a list without
// anything in it.
func entry(canonical string) json.RawMessage {
	if canonical == "" || canonical == "null" {
		return nil
	}
	return json.RawMessage(canonical)
}

// content is a file's content as text, nil for no file.
func content(data []byte) *string {
	if data == nil {
		return nil
	}
	text := string(data)
	return &text
}
