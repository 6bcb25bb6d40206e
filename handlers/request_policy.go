package handlers

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// The names of the fields that the form for another policy has of its own.
const (
	fieldDocument = "document"
	fieldBase     = "base"
	fieldKept     = "kept"
	fieldFile     = "file"
	// fieldTake says how to go on where another policy came into force meanwhile.
	fieldTake  = "take"
	takeMine   = "mine"   // with what was typed, on top of the one in force
	takeTheirs = "theirs" // with the one in force; what was typed is kept beside it
)

// maxPolicyUpload is how large a file the page offers to put into the editor, in
// bytes. The domain refuses what is larger, wherever it comes from.
const maxPolicyUpload = 256 << 10

// typedPolicy is the form for another policy as somebody typed it.
type typedPolicy struct {
	Change workflow.PolicyChange
	Kept   string // what was typed before the policy in force was taken over; to copy from
	// InForce is the policy that is in force now; empty where nobody looked.
	InForce workflow.PolicyText
}

func parsePolicy(values url.Values) typedPolicy {
	return typedPolicy{
		Change: workflow.PolicyChange{
			Document: typedWhole(values, fieldDocument), Base: typedLine(values, fieldBase), Reason: typedText(values, fieldReason),
		},
		Kept: typedWhole(values, fieldKept),
	}
}

// typedWhole reads a text of which nothing may be cut off. The body's limit bounds it.
func typedWhole(values url.Values, name string) string {
	text := values.Get(name)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

func (t typedPolicy) draft() workflow.Draft { return workflow.Draft{Change: t.Change} }

// chosen says whether there is something else than what is in force.
func (t typedPolicy) chosen() bool { return !t.untouched(workflow.Choices{}) }

// untouched says whether the text is the one that is in force.
func (t typedPolicy) untouched(workflow.Choices) bool {
	return t.Change.Document == "" || t.Change.Document == string(t.InForce.Document)
}

// moved says whether another policy came into force since this one was begun.
func (t typedPolicy) moved() bool {
	return t.Change.Base != "" && t.InForce.Sum != "" && t.Change.Base != t.InForce.Sum
}

// ahead: the plan does not depend on the reason.
func (t typedPolicy) ahead() (workflow.Draft, bool) {
	if !t.chosen() {
		return workflow.Draft{}, false
	}
	t.Change.Reason = "Not said yet."
	return t.draft(), true
}

// start begins with the policy in force.
func (t typedPolicy) start(workflow.Choices, time.Time) typedForm {
	if t.Change.Document == "" {
		t.Change.Document, t.Change.Base = string(t.InForce.Document), t.InForce.Sum
	}
	return t
}

// taken goes on as the person chose where another policy came into force meanwhile.
func (t typedPolicy) taken(way string) typedPolicy {
	switch way {
	case takeMine:
		t.Change.Base = t.InForce.Sum
	case takeTheirs:
		if t.Change.Document != string(t.InForce.Document) {
			t.Kept = t.Change.Document
		}
		t.Change.Document, t.Change.Base = string(t.InForce.Document), t.InForce.Sum
	}
	return t
}

func (t typedPolicy) heading() string { return "Propose another policy" }

func (t typedPolicy) fill(form *web.RequestForm, _ workflow.Choices, _ time.Time) {
	form.Policy = &web.PolicyFields{
		Document: web.Field{Name: fieldDocument, Label: workflow.PolicyPath, Value: t.Change.Document, Required: true,
			Hint: "The whole policy of the platform, as it would stand in the GitOps repository."},
		Base: web.Field{Name: fieldBase, Label: "The policy that was edited", Value: t.Change.Base},
		Reason: web.Field{Name: fieldReason, Label: "Reason", Value: t.Change.Reason, Required: true,
			Hint: "Why the policy should be another, in a sentence. Reviewers read it first."},
		Kept: web.Field{Name: fieldKept, Label: "What you typed before", Value: t.Kept,
			Hint: "To copy from. It is not sent for review."},
		File: web.Field{Name: fieldFile, Label: "Upload a file instead", Hint: "YAML, at most 256 KiB. It takes the place of the text above."},
		Most: maxPolicyUpload, Schema: policySchemaPath, Check: policyCheckPath,
	}
	if t.moved() {
		form.Policy.Moved = &web.PolicyMoved{Diff: t.against(t.Change.Document), Take: fieldTake, Mine: takeMine, Theirs: takeTheirs}
	}
	if t.Kept != "" && t.InForce.Sum != "" {
		diff := t.against(t.Kept)
		form.Policy.KeptDiff = &diff
	}
}

// against is what a text changes in the policy in force.
func (t typedPolicy) against(text string) web.FileView {
	diff := fileView(workflow.FileChange{Path: workflow.PolicyPath, Before: t.InForce.Document, After: []byte(text)})
	diff.Whole, diff.Open = "", true
	return diff
}

// withInForce adds the policy in force to the form. Without it the form can still
// be sent: the domain compares for itself.
func (p *Portal) withInForce(c echo.Context, typed typedPolicy) typedPolicy {
	ctx, actor := visit(c)
	inForce, err := p.Service.PolicyText(ctx, actor)
	if err != nil {
		p.Log.WarnContext(ctx, "read the policy in force", "error", err)
		return typed
	}
	typed.InForce = inForce
	return typed
}

// listProblems lists everything that is wrong with the text, by line.
func (p *Portal) listProblems(c echo.Context, fields *web.PolicyFields) {
	ctx, actor := visit(c)
	problems, err := p.Service.CheckPolicy(ctx, actor, []byte(fields.Document.Value))
	if err != nil {
		return // the plan's error says it
	}
	for _, problem := range problems {
		fields.Problems = append(fields.Problems, web.LineProblem{Line: problem.Line, Field: problem.Field, Message: problem.Message})
	}
}
