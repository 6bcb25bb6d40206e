package handlers

import (
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/handlers/api"
	"tenure.dev/workflow"
)

// jsonSchema says what can stand in a document, as far as an editor needs it:
// https://json-schema.org/draft/2020-12
type jsonSchema struct {
	Dialect     string                 `json:"$schema,omitempty"`
	Ref         string                 `json:"$ref,omitempty"`
	Title       string                 `json:"title,omitempty"`
	Description string                 `json:"description,omitempty"`
	Type        string                 `json:"type,omitempty"`
	Enum        []string               `json:"enum,omitempty"`
	Items       *jsonSchema            `json:"items,omitempty"`
	Properties  map[string]*jsonSchema `json:"properties,omitempty"`
	// AdditionalProperties is false, or the schema of what has a name of one's own.
	AdditionalProperties any                    `json:"additionalProperties,omitempty"`
	Defs                 map[string]*jsonSchema `json:"$defs,omitempty"`
}

// policySchema is the schema of policy.yaml, made once from the domain's types.
var policySchema = sync.OnceValue(makePolicySchema)

// showPolicySchema tells the editor what can stand where. It holds nothing of
// anybody's, and is the same for all.
func (p *Portal) showPolicySchema(c echo.Context) error {
	return c.JSON(http.StatusOK, policySchema())
}

// makePolicySchema makes the schema of the whole document.
func makePolicySchema() *jsonSchema {
	maker := schemaMaker{}
	spec := maker.of(reflect.TypeFor[workflow.Policy]())
	return &jsonSchema{
		Dialect: "https://json-schema.org/draft/2020-12/schema", Title: "policy.yaml of Tenure",
		Type: "object", AdditionalProperties: false, Defs: maker,
		Properties: map[string]*jsonSchema{
			"apiVersion": {Type: "string", Enum: []string{"tenure.dev/v1"}, Description: policyWords["document.apiVersion"]},
			"kind":       {Type: "string", Enum: []string{"Policy"}, Description: policyWords["document.kind"]},
			"metadata": {Type: "object", AdditionalProperties: false, Description: policyWords["document.metadata"], Properties: map[string]*jsonSchema{
				"name": {Type: "string", Enum: []string{"platform"}},
			}},
			"spec": {Ref: spec.Ref, Description: policyWords["document.spec"]},
		},
	}
}

// schemaMaker makes schemas of Go types, those of structs as definitions.
type schemaMaker map[string]*jsonSchema

// Types that are written in another way than Go has them.
var (
	quantityType = reflect.TypeFor[resource.Quantity]()
	durationType = reflect.TypeFor[workflow.Duration]()
	rulesType    = reflect.TypeFor[map[string]workflow.RuleSetting]()
	stageType    = reflect.TypeFor[workflow.Stage]()
	registerType = reflect.TypeFor[map[workflow.Role][]workflow.Reviewer]()
)

// of is the schema of a type.
func (m schemaMaker) of(t reflect.Type) *jsonSchema {
	switch t {
	case quantityType:
		return &jsonSchema{} // a text, or a number
	case durationType:
		return &jsonSchema{Type: "string"}
	case rulesType:
		return rulesSchema()
	case stageType:
		return &jsonSchema{Type: "object", AdditionalProperties: false, Properties: perRole(stageRoles, &jsonSchema{Type: "integer"})}
	case registerType:
		list := &jsonSchema{Type: "array", Items: m.of(reflect.TypeFor[workflow.Reviewer]())}
		return &jsonSchema{Type: "object", AdditionalProperties: false, Properties: perRole(registerRoles, list)}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.of(t.Elem())
	case reflect.Bool:
		return &jsonSchema{Type: "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &jsonSchema{Type: "integer"}
	case reflect.Slice:
		return &jsonSchema{Type: "array", Items: m.of(t.Elem())}
	case reflect.Map:
		return m.table(t)
	case reflect.Struct:
		return m.object(t)
	}
	return &jsonSchema{Type: "string", Enum: api.ValuesOf(t)}
}

// table is the schema of a map: of names of one's own, or of a closed list.
func (m schemaMaker) table(t reflect.Type) *jsonSchema {
	value := m.of(t.Elem())
	names := api.ValuesOf(t.Key())
	if names == nil {
		return &jsonSchema{Type: "object", AdditionalProperties: value}
	}
	table := &jsonSchema{Type: "object", AdditionalProperties: false, Properties: map[string]*jsonSchema{}}
	for _, name := range names {
		table.Properties[name] = value
	}
	return table
}

// object refers to the schema of a struct.
func (m schemaMaker) object(t reflect.Type) *jsonSchema {
	if _, made := m[t.Name()]; !made {
		object := &jsonSchema{Type: "object", AdditionalProperties: false, Properties: map[string]*jsonSchema{}}
		m[t.Name()] = object // before its fields, which may refer to it
		for _, field := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			key := t.Name() + "." + name
			if field.Anonymous || notInPolicy[key] {
				continue
			}
			property := *m.of(field.Type)
			if values, narrower := policyValues[key]; narrower {
				property.Enum = values
			}
			property.Description = policyWords[key]
			object.Properties[name] = &property
		}
	}
	return &jsonSchema{Ref: "#/$defs/" + t.Name()}
}

// rulesSchema is the schema of the rules' settings: every rule by its name.
func rulesSchema() *jsonSchema {
	rules := &jsonSchema{Type: "object", AdditionalProperties: false, Properties: map[string]*jsonSchema{}}
	for _, rule := range workflow.Rulebook() {
		setting := &jsonSchema{Type: "object", AdditionalProperties: false, Description: rule.Means, Properties: map[string]*jsonSchema{
			"mode": {Type: "string", Enum: api.ValuesOf(reflect.TypeFor[workflow.RuleMode]()), Description: "What becomes of what breaks the rule."},
		}}
		if rule.Always {
			setting.Properties["mode"].Enum = []string{string(workflow.RuleDeny)}
		}
		for name, parameter := range ruleParameters[rule.Name] {
			setting.Properties[name] = parameter
		}
		rules.Properties[rule.Name] = setting
	}
	return rules
}

func perRole(roles []workflow.Role, value *jsonSchema) map[string]*jsonSchema {
	properties := map[string]*jsonSchema{}
	for _, role := range roles {
		property := *value
		property.Description = rolePeople[role]
		properties[string(role)] = &property
	}
	return properties
}
