package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// policyProblems is the answer to a text that was checked.
type policyProblems struct {
	Problems []policyProblem `json:"problems"`
}

// policyProblem is something wrong in the text.
type policyProblem struct {
	Line    int    `json:"line"`  // from 1; 0 where it is about no line
	Field   string `json:"field"` // empty where it is about none
	Message string `json:"message"`
}

// checkPolicy says what is wrong with a policy as it is typed.
func (p *Portal) checkPolicy(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return badForm(err)
	}
	ctx, actor := visit(c)
	problems, err := p.Service.CheckPolicy(ctx, actor, []byte(typedWhole(values, fieldDocument)))
	if err != nil {
		return err
	}
	answer := policyProblems{Problems: []policyProblem{}}
	for _, problem := range problems {
		answer.Problems = append(answer.Problems, policyProblem{Line: problem.Line, Field: problem.Field, Message: problem.Message})
	}
	return c.JSON(http.StatusOK, answer)
}
