package store

import (
	"encoding/json"
	"fmt"
	"time"

	"tenure.dev/workflow"
)

// requestRow is a request without its reviews. Times are microseconds since
// 1970 UTC. No field is called CreatedAt or UpdatedAt: gorm would set those by
// itself.
type requestRow struct {
	ID                int64 `gorm:"primaryKey;autoIncrement:false"`
	Version           int64
	Kind              string
	Tenant            string
	PeerTenant        string
	State             string
	RequesterTID      string `gorm:"column:requester_tid"`
	RequesterOID      string `gorm:"column:requester_oid"`
	RequesterName     string
	RequesterUsername string
	ChangeJSON        string  `gorm:"column:change_json"`
	PlanJSON          string  `gorm:"column:plan_json"`
	AttemptJSON       *string `gorm:"column:attempt_json"`
	CommitID          string
	Revision          string
	EndCommit         string
	Lingers           bool
	Reminded          int
	Reason            string
	Created           int64 `gorm:"column:created_at"`
	Updated           int64 `gorm:"column:updated_at"`
}

// TableName names the table for gorm.
func (requestRow) TableName() string { return "requests" }

// planDocument is a plan as stored. A tenancy's name is no part of its JSON,
// because in the repository it stands outside the document's spec.
type planDocument struct {
	workflow.Plan
	BeforeName string   `json:"beforeName,omitempty"`
	AfterName  string   `json:"afterName,omitempty"`
	OtherNames []string `json:"otherNames,omitempty"` // of Others, in their order
}

func newRequestRow(request workflow.Request) (requestRow, error) {
	if request.Change == nil || request.Change.Kind() != request.Kind {
		return requestRow{}, fmt.Errorf("encode request %d: its change is not of kind %q", request.ID, request.Kind)
	}
	change, err := json.Marshal(request.Change)
	if err != nil {
		return requestRow{}, fmt.Errorf("encode change of request %d: %w", request.ID, err)
	}
	request.Plan.PlannedAt = request.Plan.PlannedAt.UTC()
	document := planDocument{
		Plan:       request.Plan,
		BeforeName: request.Plan.Before.Name,
		AfterName:  request.Plan.After.Name,
	}
	for _, other := range request.Plan.Others {
		document.OtherNames = append(document.OtherNames, other.After.Name)
	}
	plan, err := json.Marshal(document)
	if err != nil {
		return requestRow{}, fmt.Errorf("encode plan of request %d: %w", request.ID, err)
	}
	attempt, err := encodeAttempt(request.Attempt)
	if err != nil {
		return requestRow{}, fmt.Errorf("encode attempt of request %d: %w", request.ID, err)
	}
	return requestRow{
		ID:                request.ID,
		Version:           request.Version,
		Kind:              string(request.Kind),
		Tenant:            request.Tenant,
		PeerTenant:        request.Plan.Peer(),
		State:             string(request.State),
		RequesterTID:      request.RequestedBy.ID.Tenant,
		RequesterOID:      request.RequestedBy.ID.Object,
		RequesterName:     request.RequestedBy.Name,
		RequesterUsername: request.RequestedBy.Username,
		ChangeJSON:        string(change),
		PlanJSON:          string(plan),
		AttemptJSON:       attempt,
		CommitID:          request.Commit,
		Revision:          request.Revision,
		EndCommit:         request.EndCommit,
		Lingers:           request.Lingers,
		Reminded:          request.Reminded,
		Reason:            request.Reason,
		Created:           request.CreatedAt.UnixMicro(),
		Updated:           request.UpdatedAt.UnixMicro(),
	}, nil
}

func encodeAttempt(attempt *workflow.Attempt) (*string, error) {
	if attempt == nil {
		return nil, nil
	}
	stored := *attempt
	stored.NextAt = stored.NextAt.UTC()
	data, err := json.Marshal(stored)
	if err != nil {
		return nil, err
	}
	text := string(data)
	return &text, nil
}

// request gives the domain's request; its reviews are added by the caller.
func (r requestRow) request() (workflow.Request, error) {
	change, err := workflow.DecodeChange(workflow.Kind(r.Kind), []byte(r.ChangeJSON))
	if err != nil {
		return workflow.Request{}, fmt.Errorf("read request %d: %w", r.ID, err)
	}
	var plan planDocument
	if err := json.Unmarshal([]byte(r.PlanJSON), &plan); err != nil {
		return workflow.Request{}, fmt.Errorf("read plan of request %d: %w", r.ID, err)
	}
	if len(plan.OtherNames) != len(plan.Others) {
		return workflow.Request{}, fmt.Errorf("read plan of request %d: it names %d other tenants and holds %d", r.ID, len(plan.OtherNames), len(plan.Others))
	}
	plan.Before.Name, plan.After.Name = plan.BeforeName, plan.AfterName
	for i, name := range plan.OtherNames {
		plan.Others[i].Before.Name, plan.Others[i].After.Name = name, name
	}
	var attempt *workflow.Attempt
	if r.AttemptJSON != nil {
		attempt = new(workflow.Attempt)
		if err := json.Unmarshal([]byte(*r.AttemptJSON), attempt); err != nil {
			return workflow.Request{}, fmt.Errorf("read attempt of request %d: %w", r.ID, err)
		}
	}
	return workflow.Request{
		ID:      r.ID,
		Version: r.Version,
		Kind:    workflow.Kind(r.Kind),
		Tenant:  r.Tenant,
		Change:  change,
		State:   workflow.State(r.State),
		RequestedBy: workflow.Person{
			ID:       workflow.PersonID{Tenant: r.RequesterTID, Object: r.RequesterOID},
			Name:     r.RequesterName,
			Username: r.RequesterUsername,
		},
		Plan:      plan.Plan,
		Attempt:   attempt,
		Commit:    r.CommitID,
		Revision:  r.Revision,
		EndCommit: r.EndCommit,
		Lingers:   r.Lingers,
		Reminded:  r.Reminded,
		Reason:    r.Reason,
		CreatedAt: time.UnixMicro(r.Created).UTC(),
		UpdatedAt: time.UnixMicro(r.Updated).UTC(),
	}, nil
}
