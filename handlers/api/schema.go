package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"tenure.dev/workflow"
)

// schema is a schema object of OpenAPI 3.0.3, as far as the API needs them:
// https://spec.openapis.org/oas/v3.0.3#schema-object
type schema struct {
	Ref                  string             `json:"$ref,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Format               string             `json:"format,omitempty"`
	Description          string             `json:"description,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties any                `json:"additionalProperties,omitempty"` // false, or a *schema
	AllOf                []*schema          `json:"allOf,omitempty"`
	AnyOf                []*schema          `json:"anyOf,omitempty"`
	OneOf                []*schema          `json:"oneOf,omitempty"`
	Discriminator        *discriminator     `json:"discriminator,omitempty"`
}

// discriminator says which field tells the alternatives of a schema apart.
type discriminator struct {
	PropertyName string            `json:"propertyName"`
	Mapping      map[string]string `json:"mapping"`
}

// schemas makes schemas of Go types, the structs among them as components by
// their type's name.
type schemas map[string]*schema

// Types whose schema does not follow from their Go type.
var (
	timeType      = reflect.TypeFor[time.Time]()
	anyJSON       = reflect.TypeFor[json.RawMessage]()
	draftType     = reflect.TypeFor[Draft]()
	changeWrapper = reflect.TypeFor[Change]()
	rawChange     = reflect.TypeFor[RawChange]()
	uploadType    = reflect.TypeFor[upload]()
)

// of is the schema of a type.
func (s schemas) of(t reflect.Type) *schema {
	switch t {
	case timeType:
		return &schema{Type: "string", Format: "date-time"}
	case anyJSON:
		return &schema{Description: "Any JSON value."}
	case draftType:
		return s.draft()
	case changeWrapper, rawChange:
		return s.change()
	case uploadType:
		return &schema{Type: "string", Format: "binary"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int32:
		return &schema{Type: "integer", Format: "int32"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer", Format: "int64"}
	case reflect.String:
		return &schema{Type: "string", Enum: enumOf(t)}
	case reflect.Slice:
		return &schema{Type: "array", Items: s.of(t.Elem())}
	case reflect.Map:
		return s.table(t)
	case reflect.Struct:
		return s.component(t)
	}
	panic("api: there is no schema for a " + t.String())
}

// table is the schema of a map: by its keys, where there is a list of them.
func (s schemas) table(t reflect.Type) *schema {
	value := s.of(t.Elem())
	keys := enumOf(t.Key())
	if keys == nil {
		return &schema{Type: "object", AdditionalProperties: value}
	}
	table := &schema{Type: "object", Properties: map[string]*schema{}, AdditionalProperties: false}
	for _, key := range keys {
		table.Properties[key] = value
	}
	return table
}

// component refers to the schema of a struct.
func (s schemas) component(t reflect.Type) *schema {
	name := t.Name()
	if _, made := s[name]; !made {
		object := &schema{Type: "object", Properties: map[string]*schema{}}
		s[name] = object // before its fields, which may refer to it
		s.fields(t, object)
		slices.Sort(object.Required)
	}
	return reference(name)
}

// fields adds the fields of a struct, those of embedded structs among them. A
// field that is never left out is required.
func (s schemas) fields(t reflect.Type, object *schema) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			s.fields(field.Type, object)
			continue
		case !field.IsExported() || name == "-":
			continue
		case !strings.Contains(options, "omit"):
			object.Required = append(object.Required, name)
		}
		object.Properties[name] = s.of(field.Type).described(field.Tag.Get("doc"))
	}
}

// described adds a description. One beside a reference would be passed over.
func (s *schema) described(doc string) *schema {
	switch {
	case doc == "":
		return s
	case s.Ref != "":
		return &schema{AllOf: []*schema{s}, Description: doc}
	}
	s.Description = doc
	return s
}

// draft is the schema of a draft: for each kind one of its own, told apart by
// the field kind.
func (s schemas) draft() *schema {
	choice := &schema{Discriminator: &discriminator{PropertyName: "kind", Mapping: map[string]string{}}}
	for _, kind := range workflow.Kinds() {
		name := strings.ToUpper(string(kind[:1])) + string(kind[1:]) + "Draft"
		s[name] = &schema{
			Type: "object", Required: []string{"change", "kind", "tenant"}, AdditionalProperties: false,
			Properties: map[string]*schema{
				"kind": {Type: "string", Enum: []string{string(kind)}}, "tenant": {Type: "string"}, "change": s.closed(changeType(kind)),
			},
		}
		choice.OneOf = append(choice.OneOf, reference(name))
		choice.Discriminator.Mapping[string(kind)] = reference(name).Ref
	}
	return choice
}

// change is the schema of a change of some kind.
func (s schemas) change() *schema {
	choice := &schema{}
	for _, kind := range workflow.Kinds() {
		choice.AnyOf = append(choice.AnyOf, s.closed(changeType(kind)))
	}
	return choice
}

// closed is the schema of a struct of which an unknown field is refused.
func (s schemas) closed(t reflect.Type) *schema {
	object := s.of(t)
	s[t.Name()].AdditionalProperties = false
	return object
}

// reference refers to a component.
func reference(name string) *schema { return &schema{Ref: "#/components/schemas/" + name} }
