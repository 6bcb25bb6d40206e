package api

import (
	"strings"

	"tenure.dev/workflow"
)

// Question asks what the webhook would say.
type Question struct {
	Cluster   string   `json:"cluster"`
	User      string   `json:"user,omitempty" doc:"Who would apply it, as the API server names them; you without it."`
	Groups    []string `json:"groups,omitempty" doc:"Their groups; yours where no user is named."`
	AsGitOps  bool     `json:"asGitOps,omitempty" doc:"Argo CD would apply it, as the policy's GitOps identity."`
	Manifests string   `json:"manifests" doc:"One or more YAML documents."`
}

// Verdicts is what the webhook would say, object by object.
type Verdicts struct {
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is what admission says of one object.
type Verdict struct {
	Object     string      `json:"object"`
	Tenant     string      `json:"tenant,omitempty"`
	Allowed    bool        `json:"allowed"`
	Violations []Violation `json:"violations" doc:"What is refused."`
	Warnings   []Violation `json:"warnings" doc:"What would be refused if its rule's or cluster's mode were stricter."`
	Request    int64       `json:"request,omitempty" doc:"The request whose grant it rests on."`
	Exempted   []int64     `json:"exempted" doc:"The requests whose exemptions let something through."`
	Commit     string      `json:"commit,omitempty" doc:"The verified commit that it rests on."`
}

// Violation is one rule broken in one place.
type Violation struct {
	Rule    string `json:"rule"`
	Field   string `json:"field"`
	Value   string `json:"value,omitempty"`
	Allowed string `json:"allowed" doc:"What is allowed, in words."`
	Ask     string `json:"ask,omitempty" doc:"Where to ask."`
	Says    string `json:"says" doc:"All of it in a line, as kubectl shows it."`
}

func violationOf(v workflow.Violation) Violation {
	return Violation{Rule: v.Rule, Field: v.Field, Value: v.Value, Allowed: v.Allowed, Ask: v.Ask, Says: v.String()}
}

// tryManifests answers: what would the webhook say?
func tryManifests(c call, body Question) (Verdicts, error) {
	question := workflow.Question{Cluster: body.Cluster, User: body.User, Groups: body.Groups, Manifest: []byte(body.Manifests)}
	switch {
	case strings.TrimSpace(body.Manifests) == "":
		return Verdicts{}, unusable([]FieldProblem{{Field: "manifests", Message: "There is nothing to judge. Send one or more YAML documents."}})
	case body.AsGitOps && (body.User != "" || len(body.Groups) > 0):
		return Verdicts{}, unusable([]FieldProblem{{Field: "asGitOps", Message: "The GitOps identity is a user of its own: leave out user and groups."}})
	case body.AsGitOps:
		choices, err := c.api.Service.Choices(c.ctx, c.actor)
		if err != nil {
			return Verdicts{}, err
		}
		question.User = choices.Policy.GitOpsIdentity
	case body.User == "":
		question.User = c.actor.Username
		if question.Groups == nil {
			question.Groups = c.actor.Groups
		}
	}
	if question.User == "" {
		return Verdicts{}, unusable([]FieldProblem{{Field: "user", Message: "Say who would apply it, as the cluster names them."}})
	}
	verdicts, err := c.api.Service.Try(c.ctx, c.actor, question)
	if err != nil {
		return Verdicts{}, inQuestion(err)
	}
	return Verdicts{Verdicts: each(verdicts, func(v workflow.Verdict) Verdict {
		return Verdict{
			Object: v.Object, Tenant: v.Tenant, Allowed: v.Allowed, Request: v.Request, Commit: v.Commit, Exempted: append([]int64{}, v.Exempted...),
			Violations: each(v.Violations, violationOf), Warnings: each(v.Warnings, violationOf),
		}
	})}, nil
}

// inQuestion names the field of the body where the domain names the form's.
func inQuestion(err error) error {
	problem, refused := workflow.AsProblem(err)
	if !refused || problem.Kind != workflow.Invalid {
		return err
	}
	document := ofDomain(problem)
	for i, field := range document.Fields {
		if field.Field == "manifest" {
			document.Fields[i].Field = "manifests"
		}
	}
	if len(document.Fields) == 0 {
		document.Fields = []FieldProblem{{Field: "manifests", Message: problem.Message}}
	}
	return refusal{status: document.Status, detail: document.Detail, fields: document.Fields, cause: problem.Unwrap()}
}
