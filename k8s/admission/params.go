package admission

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	kjson "sigs.k8s.io/json"

	"tenure.dev/workflow"
)

// decodeParams reads parameters into a struct that holds the defaults. Unknown
// and repeated fields are problems.
func decodeParams(params json.RawMessage, into any) []workflow.FieldProblem {
	if len(params) == 0 {
		return nil
	}
	strict, err := kjson.UnmarshalStrict(params, into)
	if err != nil {
		return []workflow.FieldProblem{typeProblem(err)}
	}
	var problems []workflow.FieldProblem
	for _, problem := range strict {
		field := ""
		if at, ok := errors.AsType[kjson.FieldError](problem); ok {
			field = at.FieldPath()
		}
		problems = append(problems, workflow.FieldProblem{Field: field, Message: "this rule has no such parameter, or it stands twice"})
	}
	return problems
}

// listIndex finds the indexes that encoding/json leaves out of Field.
var listIndex = regexp.MustCompile(`\.(\d+)`)

func typeProblem(err error) workflow.FieldProblem {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return workflow.FieldProblem{Message: "the parameters cannot be read: " + err.Error()}
	}
	return workflow.FieldProblem{
		Field:   listIndex.ReplaceAllString(wrong.Field, "[$1]"),
		Message: fmt.Sprintf("a %s cannot stand here", wrong.Value),
	}
}
