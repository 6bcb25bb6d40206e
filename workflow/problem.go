package workflow

import "errors"

// ProblemKind sorts problems by what the person can do about them.
type ProblemKind string

// The kinds of problem, with the HTTP status that a page or API gives them.
const (
	Invalid     ProblemKind = "invalid"     // 422: change what you typed
	Forbidden   ProblemKind = "forbidden"   // 403: somebody else may do this
	NotFound    ProblemKind = "not-found"   // 404: no such thing, or none of your business
	Conflict    ProblemKind = "conflict"    // 409: it changed meanwhile; look again
	Unavailable ProblemKind = "unavailable" // 503: a part is away; nothing was lost
)

// Problem is a refusal: one sentence for the person, what is wrong in each
// field, and a cause that is for the log only.
type Problem struct {
	Kind    ProblemKind
	Message string
	Fields  []FieldProblem
	cause   error
}

// FieldProblem says what is wrong with one field of what a person sent.
type FieldProblem struct {
	Field   string // the form's or document's name of the field
	Message string // names the value and what is allowed
}

// Refuse makes a problem of one sentence.
func Refuse(kind ProblemKind, message string) *Problem {
	return &Problem{Kind: kind, Message: message}
}

// Because adds the cause for the log.
func (p *Problem) Because(cause error) *Problem {
	p.cause = cause
	return p
}

// Error gives the sentence and the cause; it is for logs, pages show Message.
func (p *Problem) Error() string {
	if p.cause != nil {
		return p.Message + ": " + p.cause.Error()
	}
	return p.Message
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.cause }

// AsProblem finds the problem in an error's chain.
func AsProblem(err error) (*Problem, bool) {
	var problem *Problem
	ok := errors.As(err, &problem)
	return problem, ok
}

// invalidFields makes one Invalid problem of all that is wrong, or nil.
func invalidFields(fields []FieldProblem) error {
	if len(fields) == 0 {
		return nil
	}
	return &Problem{Kind: Invalid, Message: "Some of what you typed cannot be used. See the messages beside the fields.", Fields: fields}
}
