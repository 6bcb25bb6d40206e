package handlers

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"tenure.dev/workflow"
)

// requestNumber reads the number of a request from the address.
func requestNumber(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id <= 0 || number(id) != c.Param("id") {
		return 0, workflow.Refuse(workflow.NotFound, "Requests have numbers, and this address has none.").Because(err)
	}
	return id, nil
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

// badForm refuses what is not a form.
func badForm(err error) error {
	return workflow.Refuse(workflow.Invalid, "What arrived is not a form. Open the page and try again.").Because(err)
}
