package api

import (
	"time"

	"tenure.dev/workflow"
)

// Person is somebody, or a pipeline.
type Person struct {
	ID       string `json:"id" doc:"Entra tenant id and object id, with a slash between them."`
	Name     string `json:"name"`
	Username string `json:"username,omitempty"`
}

func personOf(p workflow.Person) Person {
	return Person{ID: p.ID.String(), Name: p.Name, Username: p.Username}
}

// someone is a person, or nil for nobody.
func someone(p workflow.Person) *Person {
	if p.ID.IsZero() {
		return nil
	}
	person := personOf(p)
	return &person
}

// utc gives a moment as it is written: in UTC, nil for none.
func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// each makes a list of what is shown; an empty one is no null.
func each[From, To any](from []From, to func(From) To) []To {
	list := make([]To, 0, len(from))
	for _, one := range from {
		list = append(list, to(one))
	}
	return list
}

// texts is a list of texts; an empty one is no null.
func texts(list []string) []string { return append([]string{}, list...) }
