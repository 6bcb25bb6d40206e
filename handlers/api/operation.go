package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"github.com/labstack/echo/v4"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

// operation is one thing that can be done by the API: a row of the table that
// routes and document are made from.
type operation struct {
	method  string
	path    string // below Prefix, as OpenAPI writes it: /requests/{id}
	id      string
	summary string
	query   reflect.Type // a struct, see readQuery
	body    reflect.Type // nil for none
	status  int          // of the answer, when all goes well
	answer  reflect.Type
	refuses []int // statuses that it answers with beyond those that every operation can
	run     func(call) (any, error)
}

// call is one request to the API, once it is known who asks.
type call struct {
	echo.Context
	api   *API
	ctx   context.Context
	actor workflow.Actor
}

// none stands for a query without parameters.
type none struct{}

// get makes an operation that reads: Q is its query, Out its answer.
func get[Q, Out any](path, id, summary string, run func(call, Q) (Out, error)) operation {
	return operation{
		method: http.MethodGet, path: path, id: id, summary: summary,
		query: reflect.TypeFor[Q](), status: http.StatusOK, answer: reflect.TypeFor[Out](), refuses: []int{http.StatusNotFound},
		run: func(c call) (any, error) {
			query, err := readQuery[Q](c)
			if err != nil {
				return nil, err
			}
			return run(c, query)
		},
	}
}

// send makes an operation with a JSON body: In is the body, Out the answer.
func send[In, Out any](method, path, id, summary string, status int, run func(call, In) (Out, error)) operation {
	return operation{
		method: method, path: path, id: id, summary: summary,
		query: reflect.TypeFor[none](), body: reflect.TypeFor[In](), status: status, answer: reflect.TypeFor[Out](),
		refuses: []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity},
		run: func(c call) (any, error) {
			if _, err := readQuery[none](c); err != nil {
				return nil, err
			}
			body, err := readBody[In](c)
			if err != nil {
				return nil, err
			}
			return run(c, body)
		},
	}
}

// also adds a status that the operation refuses with.
func (op operation) also(status int) operation {
	op.refuses = append(op.refuses, status)
	return op
}

// serve is the handler of the operation. The answer is complete before the first
// byte of it is sent.
func (op operation) serve(a *API) echo.HandlerFunc {
	return func(c echo.Context) error {
		answer, err := op.run(call{Context: c, api: a, ctx: c.Request().Context(), actor: auth.Actor(c)})
		if err != nil {
			return err
		}
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		encoder.SetEscapeHTML(false) // it is no HTML, and images and selectors read better
		if err := encoder.Encode(answer); err != nil {
			return fmt.Errorf("encode the answer of %q: %w", op.id, err)
		}
		return c.Blob(op.status, echo.MIMEApplicationJSON, body.Bytes())
	}
}

// requestNumber reads the number of a request from the path.
func (c call) requestNumber() (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != c.Param("id") {
		return 0, refusal{status: http.StatusNotFound, detail: "Requests have numbers, and this address has none.", cause: err}
	}
	return id, nil
}
