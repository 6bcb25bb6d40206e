package api

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// parameter is one parameter of a query: a field of the struct that it is read
// into, of type string, bool or int64, of a string type with a list of values,
// or a slice of such, which may be given several times.
type parameter struct {
	name, doc string
	required  bool
	field     reflect.StructField
}

// parametersOf lists the parameters that a struct is read from.
func parametersOf(query reflect.Type) []parameter {
	var parameters []parameter
	for _, field := range reflect.VisibleFields(query) {
		name, options, _ := strings.Cut(field.Tag.Get("query"), ",")
		parameters = append(parameters, parameter{name, field.Tag.Get("doc"), options == "required", field})
	}
	return parameters
}

// readQuery reads the query of a request. Everything wrong with it is said at
// once, a parameter that there is none of included: it may be a slip of the hand
// that would have narrowed the answer.
func readQuery[Q any](c call) (Q, error) {
	var query Q
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return query, refusal{status: http.StatusBadRequest, detail: "The query of the address could not be read.", cause: err}
	}
	parameters := parametersOf(reflect.TypeFor[Q]())
	var wrong []FieldProblem
	for _, name := range unknownNames(values, parameters) {
		wrong = append(wrong, FieldProblem{Field: name, Message: fmt.Sprintf("There is no parameter %q here.", name)})
	}
	into := reflect.ValueOf(&query).Elem()
	for _, p := range parameters {
		if message := p.read(values[p.name], into.FieldByIndex(p.field.Index)); message != "" {
			wrong = append(wrong, FieldProblem{Field: p.name, Message: message})
		}
	}
	if len(wrong) > 0 {
		return query, refusal{status: http.StatusBadRequest, detail: "Some parameters of the query cannot be used.", fields: wrong}
	}
	return query, nil
}

func unknownNames(values url.Values, known []parameter) []string {
	var names []string
	for name := range values {
		if !slices.ContainsFunc(known, func(p parameter) bool { return p.name == name }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// read sets a field, and says what is wrong with the texts; empty when nothing is.
func (p parameter) read(texts []string, into reflect.Value) string {
	switch {
	case len(texts) == 0 && p.required:
		return "It is needed."
	case len(texts) == 0:
		return ""
	case into.Kind() != reflect.Slice && len(texts) > 1:
		return "It may be given once."
	case into.Kind() != reflect.Slice:
		return setText(into, texts[0])
	}
	list := reflect.MakeSlice(into.Type(), len(texts), len(texts))
	for i, text := range texts {
		if message := setText(list.Index(i), text); message != "" {
			return message
		}
	}
	into.Set(list)
	return ""
}

// setText sets a value from its text.
func setText(into reflect.Value, text string) string {
	switch into.Kind() {
	case reflect.Bool:
		switch text {
		case "true", "false":
			into.SetBool(text == "true")
			return ""
		}
		return fmt.Sprintf("%q is neither true nor false.", text)
	case reflect.Int64:
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil || number <= 0 {
			return fmt.Sprintf("%q is not a number from 1.", text)
		}
		into.SetInt(number)
		return ""
	}
	if allowed := enumOf(into.Type()); allowed != nil && !slices.Contains(allowed, text) {
		return fmt.Sprintf("There is no %q here; there are %s.", text, strings.Join(allowed, ", "))
	}
	into.SetString(text)
	return ""
}

// badQuery refuses one parameter.
func badQuery(name, message string) error {
	return refusal{status: http.StatusBadRequest, detail: "Some parameters of the query cannot be used.", fields: []FieldProblem{{Field: name, Message: message}}}
}
