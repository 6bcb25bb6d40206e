package api

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"time"

	"tenure.dev/workflow"
)

// maxUpload bounds a flow log with its list of pods, in bytes. What is below it
// is read in memory, never on disk.
const maxUpload = 32 << 20

// FlowLog is the form that a flow log is sent in.
type FlowLog struct {
	Tenant  string `json:"tenant" doc:"Whose flows they are."`
	Cluster string `json:"cluster" doc:"Of which cluster."`
	Log     upload `json:"log" doc:"From Hubble, Calico, or Azure's virtual network flow logs."`
	Pods    upload `json:"pods,omitempty" doc:"For logs that have addresses only: the list of kubectl get pods --all-namespaces --output json, of the same time."`
}

// upload stands for a file in a form.
type upload string

// Suggestions is what a flow log comes to for one tenant.
type Suggestions struct {
	Format    string           `json:"format"`
	Records   int64            `json:"records" doc:"Flows that the file lists."`
	Elsewhere int64            `json:"elsewhere" doc:"Flows of others' namespaces."`
	Inside    int64            `json:"inside" doc:"Flows inside one namespace."`
	Allowed   int64            `json:"allowed" doc:"Flows that the present policies let through."`
	Platform  int64            `json:"platform" doc:"Flows with the platform's namespaces that the policy does not name."`
	Passed    map[string]int64 `json:"passed" doc:"Records that are no flows, by the reason."`
	Proposals []Proposal       `json:"proposals" doc:"Those with the most flows first."`
	More      int              `json:"more" doc:"Further proposals, with fewer flows, that are left out."`
}

// Proposal is a network exception that would let through what was seen.
type Proposal struct {
	Change  workflow.NetworkChange `json:"change" doc:"To be completed and sent as the change of a request of kind network."`
	Flows   int64                  `json:"flows"`
	Dropped int64                  `json:"dropped"`
	First   *time.Time             `json:"first,omitempty"`
	Last    *time.Time             `json:"last,omitempty"`
	Notes   []string               `json:"notes"`
}

// suggestions is the one operation whose body is a form with files.
func suggestions() operation {
	return operation{
		method: http.MethodPost, path: "/suggestions", id: "suggestExceptions",
		summary: "The fewest network exceptions that let through what a flow log shows. Nothing is stored",
		query:   reflect.TypeFor[none](), body: reflect.TypeFor[FlowLog](), status: http.StatusOK, answer: reflect.TypeFor[Suggestions](),
		refuses: []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity},
		run:     suggestExceptions,
	}
}

// suggestExceptions answers: what would we have to ask for, from what was seen?
func suggestExceptions(c call) (any, error) {
	if _, err := readQuery[none](c); err != nil {
		return nil, err
	}
	if err := wantMediaType(c, "multipart/form-data"); err != nil {
		return nil, err
	}
	if !c.api.reading.TryLock() {
		return nil, workflow.Refuse(workflow.Unavailable, "Another flow log is being read at the moment. Yours was not; send it again in some seconds.")
	}
	defer c.api.reading.Unlock()
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxUpload)
	if err := c.Request().ParseMultipartForm(maxUpload); err != nil {
		return nil, unreadBody(err)
	}
	form := c.Request().MultipartForm
	if err := knownParts(form); err != nil {
		return nil, err
	}
	log, pods, err := sentFiles(form)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // it was only read
	observed := workflow.Observed{Tenant: form.Value["tenant"][0], Cluster: form.Value["cluster"][0], Log: log}
	if pods != nil {
		defer func() { _ = pods.Close() }()
		observed.Pods = pods
	}
	found, err := c.api.Service.Suggest(c.ctx, c.actor, observed)
	if err != nil {
		return nil, err
	}
	return suggestionsOf(found), nil
}

// knownParts wants each field once, and no other one.
func knownParts(form *multipart.Form) error {
	var wrong []FieldProblem
	for _, name := range []string{"tenant", "cluster"} {
		if len(form.Value[name]) != 1 {
			wrong = append(wrong, FieldProblem{Field: name, Message: "It is needed, once."})
		}
	}
	if len(form.File["log"]) != 1 {
		wrong = append(wrong, FieldProblem{Field: "log", Message: "It is needed, once: the file with the flow log."})
	}
	if len(form.File["pods"]) > 1 {
		wrong = append(wrong, FieldProblem{Field: "pods", Message: "It may be given once."})
	}
	for name := range form.Value {
		if name != "tenant" && name != "cluster" {
			wrong = append(wrong, FieldProblem{Field: name, Message: "There is no such field here, or it must be a file."})
		}
	}
	for name := range form.File {
		if name != "log" && name != "pods" {
			wrong = append(wrong, FieldProblem{Field: name, Message: "There is no such file here."})
		}
	}
	if len(wrong) > 0 {
		return unusable(wrong)
	}
	return nil
}

// sentFiles opens the files of the form; pods is nil where none was sent.
func sentFiles(form *multipart.Form) (log, pods io.ReadCloser, err error) {
	if log, err = form.File["log"][0].Open(); err != nil {
		return nil, nil, fmt.Errorf("open the flow log: %w", err)
	}
	if len(form.File["pods"]) == 0 {
		return log, nil, nil
	}
	if pods, err = form.File["pods"][0].Open(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open the list of pods: %w", err), log.Close())
	}
	return log, pods, nil
}

func suggestionsOf(s workflow.Suggestions) Suggestions {
	passed := map[string]int64{}
	for reason, count := range s.Passed {
		passed[reason] = count
	}
	return Suggestions{
		Format: s.Format, Records: s.Records, Elsewhere: s.Elsewhere, Inside: s.Inside, Allowed: s.Allowed, Platform: s.Platform,
		Passed: passed, More: s.More,
		Proposals: each(s.Proposals, func(p workflow.Suggestion) Proposal {
			return Proposal{Change: p.Change, Flows: p.Flows, Dropped: p.Dropped, First: utc(p.First), Last: utc(p.Last), Notes: texts(p.Notes)}
		}),
	}
}
