package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"tenure.dev/workflow"
)

// Draft is what somebody asks for: one schema a kind, see schema.
type Draft struct {
	Kind   workflow.Kind   `json:"kind"`
	Tenant string          `json:"tenant"`
	Change json.RawMessage `json:"change"`
}

// Revision is an edited request.
type Revision struct {
	Version int64     `json:"version" doc:"The version of the request that you read and edited; if it has another one by now, nothing is stored."`
	Change  RawChange `json:"change"`
}

// RawChange is a change of a kind that is known elsewhere.
type RawChange json.RawMessage

// UnmarshalJSON keeps the bytes.
func (c *RawChange) UnmarshalJSON(data []byte) error {
	*c = append((*c)[:0], data...)
	return nil
}

// Change is what a request asks for, in the fields of its kind.
type Change struct{ workflow.Change }

// MarshalJSON writes the change's own fields.
func (c Change) MarshalJSON() ([]byte, error) { return json.Marshal(c.Change) }

// changeType is the type of the change of a kind; nil for a kind that there is none of.
func changeType(kind workflow.Kind) reflect.Type {
	zero, err := workflow.DecodeChange(kind, []byte("{}"))
	if err != nil {
		return nil
	}
	return reflect.TypeOf(zero)
}

// read gives the draft as the domain takes it.
func (d Draft) read() (workflow.Draft, error) {
	known := changeType(d.Kind)
	if known == nil {
		return workflow.Draft{}, unusable([]FieldProblem{{Field: "kind", Message: fmt.Sprintf("%q cannot be asked for; there are %s.", d.Kind, strings.Join(enumOf(reflect.TypeOf(d.Kind)), ", "))}})
	}
	change, err := readChange(known, d.Change)
	return workflow.Draft{Tenant: d.Tenant, Change: change}, err
}

// readChange reads the fields of a change.
func readChange(kind reflect.Type, data []byte) (workflow.Change, error) {
	if len(data) == 0 {
		return nil, unusable([]FieldProblem{{Field: "change", Message: "It is needed: what is asked for."}})
	}
	into := reflect.New(kind)
	if err := decode(data, into.Interface(), "change"); err != nil {
		return nil, err
	}
	return into.Elem().Interface().(workflow.Change), nil
}

// inChange says of the fields that a problem of the domain names where they are
// in the body: in the change, all but the tenant.
func inChange(err error) error {
	problem, refused := workflow.AsProblem(err)
	if !refused {
		return err
	}
	document := ofDomain(problem)
	for i, field := range document.Fields {
		if field.Field != "tenant" {
			document.Fields[i].Field = below("change", field.Field)
		}
	}
	if problem.Kind == workflow.Invalid && len(document.Fields) > 0 {
		document.Detail = "Some of what is asked for cannot be used. The fields say why."
	}
	return refusal{status: document.Status, detail: document.Detail, fields: document.Fields, cause: problem.Unwrap()}
}

// makePlan plans a draft and stores nothing.
func makePlan(c call, body Draft) (Plan, error) {
	draft, err := body.read()
	if err != nil {
		return Plan{}, err
	}
	plan, err := c.api.Service.Plan(c.ctx, c.actor, draft)
	if err != nil {
		return Plan{}, inChange(err)
	}
	return planOf(plan), nil
}

// createRequest stores a draft as a request, and says where it is.
func createRequest(c call, body Draft) (Request, error) {
	draft, err := body.read()
	if err != nil {
		return Request{}, err
	}
	request, err := c.api.Service.Submit(c.ctx, c.actor, draft)
	if err != nil {
		return Request{}, inChange(err)
	}
	c.Response().Header().Set("Location", fmt.Sprintf("%s/requests/%d", Prefix, request.ID))
	return requestOf(request), nil
}

// editRequest puts an edited request back into review. Its kind and its tenant stay.
func editRequest(c call, body Revision) (Request, error) {
	id, err := c.requestNumber()
	if err != nil {
		return Request{}, err
	}
	if body.Version <= 0 {
		return Request{}, unusable([]FieldProblem{{Field: "version", Message: "It is needed: the version of the request that was edited."}})
	}
	before, err := c.api.Service.Dossier(c.ctx, c.actor, id)
	if err != nil {
		return Request{}, err
	}
	known := changeType(before.Request.Kind)
	if known == nil {
		return Request{}, refusal{status: http.StatusConflict, detail: "This request is of a kind that cannot be edited here."}
	}
	change, err := readChange(known, body.Change)
	if err != nil {
		return Request{}, err
	}
	request, err := c.api.Service.Resubmit(c.ctx, c.actor, id, workflow.Draft{Tenant: before.Request.Tenant, Change: change, Version: body.Version})
	if err != nil {
		return Request{}, inChange(err)
	}
	return requestOf(request), nil
}
