package admission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// hardQuantity finds what could be a quantity that workflow.ParseQuantity refuses:
// an exponent of many digits, or many digits at all. Much else looks so, such as
// abbreviated commits; what it finds is looked at by its place in the object.
var hardQuantity = regexp.MustCompile(`[0-9.][eE][-+]?[0-9]{4}[0-9]*[^0-9A-Za-z]|[0-9.]{60}`)

// checkQuantities refuses an object with a quantity that decoding would take too
// long to work out. The library's own decoder cannot be bounded, and people may have
// manifests judged that no API server has read before.
func checkQuantities(raw []byte, into any) error {
	if !hardQuantity.Match(raw) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return (&quantityScan{decoder}).value("", reflect.TypeOf(into))
}

// quantityScan goes through JSON together with the Go type that it is decoded into.
type quantityScan struct{ *json.Decoder }

var quantityType = reflect.TypeFor[resource.Quantity]()

// value reads one value of a type.
func (s *quantityScan) value(path string, of reflect.Type) error {
	for of != nil && of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of == nil {
		var skipped json.RawMessage
		return s.Decode(&skipped)
	}
	token, err := s.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return s.members(path, of)
	case json.Delim('['):
		return s.items(path, of)
	}
	if text := strings.TrimSpace(fmt.Sprint(token)); of == quantityType && workflow.QuantityTakesLong(text) {
		return fmt.Errorf("%s: %q is not an amount such as 500m, 2 or 8Gi", path, printable(text))
	}
	return nil
}

// members reads the fields of an object after its brace. Names are case-sensitive.
func (s *quantityScan) members(path string, of reflect.Type) error {
	for s.More() {
		token, err := s.Token()
		if err != nil {
			return err
		}
		name := fmt.Sprint(token)
		var member reflect.Type
		if of.Kind() == reflect.Map {
			member = of.Elem()
		} else {
			member = memberType(of, name)
		}
		if err := s.value(strings.TrimPrefix(path+"."+printable(name), "."), member); err != nil {
			return err
		}
	}
	_, err := s.Token()
	return err
}

// items reads a list after its bracket.
func (s *quantityScan) items(path string, of reflect.Type) error {
	var item reflect.Type
	if of.Kind() == reflect.Slice || of.Kind() == reflect.Array {
		item = of.Elem()
	}
	for i := 0; s.More(); i++ {
		if err := s.value(fmt.Sprintf("%s[%d]", path, i), item); err != nil {
			return err
		}
	}
	_, err := s.Token()
	return err
}

// memberType is the type of a struct's field by its JSON name; nil where it has none
// of that name.
func memberType(of reflect.Type, name string) reflect.Type {
	if of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	for i := range of.NumField() {
		field := of.Field(i)
		tag, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name && tag != "" {
			return field.Type
		}
		if field.Anonymous && (tag == "" || strings.Contains(options, "inline")) {
			if found := memberType(field.Type, name); found != nil {
				return found
			}
		}
	}
	return nil
}
