package api

import (
	"time"

	"tenure.dev/workflow"
)

// Size is what a namespace may use. Quantities are written as Kubernetes does.
type Size struct {
	CPU     string                         `json:"cpu"`
	Memory  string                         `json:"memory"`
	Storage string                         `json:"storage"`
	Pods    int64                          `json:"pods"`
	Objects map[workflow.ObjectCount]int64 `json:"objects,omitempty" doc:"The most there may be of a kind; what is not named is not counted."`
}

// Quota is what a namespace was given: lasting amounts, and perhaps more for a time.
type Quota struct {
	Size
	Request int64  `json:"request" doc:"The request that gave the lasting amounts; 0 for the first commit."`
	Raise   *Raise `json:"raise,omitempty" doc:"A temporary increase, in the amounts that hold until its end."`
}

// Raise is a temporary increase of a quota.
type Raise struct {
	Size
	Until   *time.Time `json:"until,omitempty"`
	Request int64      `json:"request"`
}

// Use is what a namespace used when its cluster last said so.
type Use struct {
	Used Size       `json:"used"`
	Hard Size       `json:"hard" doc:"What the cluster holds it to now, which may be behind what is approved."`
	At   *time.Time `json:"at,omitempty"`
}

// Ceiling is the most that a tenant's namespaces may be given together.
type Ceiling struct {
	CPU        string `json:"cpu"`
	Memory     string `json:"memory"`
	Storage    string `json:"storage"`
	Namespaces int64  `json:"namespaces"`
}

func sizeOf(s workflow.Size) Size {
	return Size{CPU: s.CPU.String(), Memory: s.Memory.String(), Storage: s.Storage.String(), Pods: s.Pods, Objects: s.Objects}
}

func quotaOf(q workflow.Quota) Quota {
	quota := Quota{Size: sizeOf(q.Lasting()), Request: q.Request}
	if q.Raise != nil {
		quota.Raise = &Raise{Size: sizeOf(q.Raise.Size()), Until: utc(q.Raise.Until), Request: q.Raise.Request}
	}
	return quota
}

func ceilingOf(c workflow.Ceiling) Ceiling {
	return Ceiling{CPU: c.CPU.String(), Memory: c.Memory.String(), Storage: c.Storage.String(), Namespaces: c.Namespaces}
}
