package handlers

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"tenure.dev/workflow"
)

// fieldRows says what is to be added to the form, or taken out of it: "add also
// test", "remove also 0", "add access", "remove access 0".
const fieldRows = "rows"

// What fieldRows says first.
const (
	addRow    = "add"
	removeRow = "remove"
)

// mostRows bounds how many entries of a list are read from a form. The domain
// allows fewer, and says so.
const mostRows = 30

// rowName is the beginning of the names of the fields of one entry of a list.
var rowName = regexp.MustCompile(`\A([a-z]+)\[([0-9]{1,3})\]\.`)

// rowsOf lists the beginnings of the names of fields, "also[0].", of each entry of
// a list that the form has, in their order.
func rowsOf(values url.Values, list string) []string {
	var indexes []int
	for name := range values {
		if found := rowName.FindStringSubmatch(name); found != nil && found[1] == list {
			index, _ := strconv.Atoi(found[2]) // it is digits
			indexes = append(indexes, index)
		}
	}
	slices.Sort(indexes)
	indexes = slices.Compact(indexes)
	var rows []string
	for _, index := range indexes[:min(len(indexes), mostRows)] {
		rows = append(rows, rowPrefix(list, index))
	}
	return rows
}

// rowPrefix begins the names of the fields of one entry of a list.
func rowPrefix(list string, index int) string { return fmt.Sprintf("%s[%d].", list, index) }

// arranged does what a button of the form asks for.
func (t typedNamespace) arranged(command string) typedNamespace {
	words := append(strings.Fields(command), "", "", "")
	index, err := strconv.Atoi(words[2])
	switch do, list := words[0], words[1]; {
	case do == addRow && list == fieldAlso:
		t.Asked = append(t.Asked, t.another(words[2]))
		t.Fresh = rowPrefix(fieldAlso, len(t.Asked)-2) + fieldName
	case do == addRow && list == fieldAccess:
		t.Access = append(t.Access, workflow.AskedAccess{Role: workflow.AccessView})
		t.Fresh = rowPrefix(fieldAccess, len(t.Access)-1) + fieldGroup
	case do != removeRow || err != nil || index < 0:
	case list == fieldAlso && index < len(t.Asked)-1:
		t.Asked, t.Fresh = slices.Delete(t.Asked, index+1, index+2), fieldAlso
	case list == fieldAccess && index < len(t.Access):
		t.Access, t.Fresh = slices.Delete(t.Access, index, index+1), fieldAccess
	}
	return t
}

// another is a further namespace like the first, in another environment and named
// after it.
func (t typedNamespace) another(environment string) typedAsked {
	first := t.Asked[0]
	asked := first.AskedNamespace
	asked.Environment, asked.Name, asked.PodSecurity = environment, renamed(first.Name, first.Environment, environment), ""
	return typedAsked{AskedNamespace: asked}
}

// renamed is the name with another environment at its end: payments-api-dev
// becomes payments-api-test. Where no environment is at the end, one is added.
func renamed(name, from, to string) string {
	if name == "" || to == "" {
		return ""
	}
	if service, ends := strings.CutSuffix(name, "-"+from); ends && from != "" {
		name = service
	}
	return name + "-" + to
}
