package handlers

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

// policyFields lists every field of the types that a policy is made of, as
// "Type.field", by walking the types themselves.
func policyFields() map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if t == quantityType || t == stageType || t == reflect.TypeFor[workflow.RuleSetting]() {
				return // written in another way; see of
			}
			for _, field := range reflect.VisibleFields(t) {
				name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				key := t.Name() + "." + name
				if _, seen := fields[key]; seen || field.Anonymous {
					continue
				}
				fields[key] = field.Type
				walk(field.Type)
			}
		}
	}
	walk(reflect.TypeFor[workflow.Policy]())
	return fields
}

func TestEveryFieldOfThePolicyIsInTheSchemaWithWords(t *testing.T) {
	schema, fields := policySchema(), policyFields()
	if len(fields) < 60 {
		t.Fatalf("only %d fields were found", len(fields))
	}
	for key := range fields {
		owner, name, _ := strings.Cut(key, ".")
		if notInPolicy[key] {
			continue
		}
		property := schema.Defs[owner].Properties[name]
		if property == nil || property.Description == "" {
			t.Errorf("%s is not in the schema, or nothing says what it is for", key)
		}
	}
	for key := range policyWords {
		if _, there := fields[key]; !there && !strings.HasPrefix(key, "document.") {
			t.Errorf("there are words for %s, which is no field", key)
		}
	}
	for key := range policyValues {
		if _, there := fields[key]; !there {
			t.Errorf("there are values for %s, which is no field", key)
		}
	}
}

func TestWhatIsWrittenInAWayOfItsOwnHasASchemaOfItsOwn(t *testing.T) {
	special := []reflect.Type{quantityType, durationType, stageType, reflect.TypeFor[workflow.RuleSetting]()}
	marshals := func(t reflect.Type) bool {
		for _, name := range []string{"MarshalJSON", "MarshalText"} {
			if _, own := t.MethodByName(name); own {
				return true
			}
		}
		return false
	}
	for key, kind := range policyFields() {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map {
			kind = kind.Elem()
		}
		if marshals(kind) && !slices.Contains(special, kind) {
			t.Errorf("%s is a %s, which the schema has as Go does", key, kind)
		}
	}
}

// misfits says where a document has something that the schema does not.
func misfits(root, schema *jsonSchema, value any, at string) []string {
	for schema.Ref != "" {
		schema = root.Defs[strings.TrimPrefix(schema.Ref, "#/$defs/")]
	}
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			below := schema.Properties[name]
			if additional, named := schema.AdditionalProperties.(*jsonSchema); below == nil && named {
				below = additional
			}
			if below == nil {
				found = append(found, at+"."+name)
				continue
			}
			found = append(found, misfits(root, below, member, at+"."+name)...)
		}
	case []any:
		for _, member := range value {
			if schema.Items == nil {
				return append(found, at+"[]")
			}
			found = append(found, misfits(root, schema.Items, member, at+"[]")...)
		}
	case string:
		if schema.Enum != nil && !slices.Contains(schema.Enum, value) {
			found = append(found, at+" = "+value)
		}
	}
	return found
}

func TestThePolicyInForceFitsTheSchema(t *testing.T) {
	_, document, err := reading()
	if err != nil {
		t.Fatal(err)
	}
	document = strings.Replace(document, "spec:\n", "spec:\n  rules: {trusted-registry: {mode: deny, images: [a/*]}, required-label: {mode: warn, kinds: [Pod], labels: [{key: a, pattern: b}]}, pod-security: {mode: deny, version: v1.30}, rbac-cluster-admin: {subjects: all}}\n", 1)
	if _, problems := (admission.PolicyReader{}).ReadPolicy([]byte(document)); len(problems) > 0 {
		t.Fatalf("the policy cannot be read: %v", problems)
	}
	var written any
	if err := yaml.Unmarshal([]byte(document), &written); err != nil {
		t.Fatal(err)
	}
	if wrong := misfits(policySchema(), policySchema(), written, ""); len(wrong) > 0 {
		t.Errorf("the schema does not have %q", wrong)
	}
	if wrong := misfits(policySchema(), policySchema(), map[string]any{"spec": map[string]any{"fallback": "owner", "fall": 1, "reviews": []any{map[string]any{"stages": []any{map[string]any{"peer-owner": 1}}}}}}, ""); len(wrong) != 3 {
		t.Errorf("of a wrong policy it finds %q", wrong)
	}
}

func TestEveryRuleIsOfferedWithItsModesAndParameters(t *testing.T) {
	rules := policySchema().Defs["Policy"].Properties["rules"].Properties
	for _, rule := range admission.Rules() {
		setting := rules[rule.Name]
		if setting == nil || setting.Description == "" {
			t.Errorf("%s is not offered", rule.Name)
			continue
		}
		for _, mode := range setting.Properties["mode"].Enum {
			for _, problem := range admission.CheckPolicy(workflow.Policy{Rules: map[string]workflow.RuleSetting{rule.Name: {Mode: workflow.RuleMode(mode)}}}) {
				if strings.HasSuffix(problem.Field, ".mode") {
					t.Errorf("%s offers the mode %s: %s", rule.Name, mode, problem.Message)
				}
			}
		}
		for name := range ruleParameters[rule.Name] {
			params, err := json.Marshal(map[string]any{name: nil})
			if err != nil {
				t.Fatal(err)
			}
			if _, problems := rule.Compile(params); slices.ContainsFunc(problems, func(p workflow.FieldProblem) bool { return strings.Contains(p.Message, "no such parameter") }) {
				t.Errorf("%s has no parameter %s", rule.Name, name)
			}
		}
	}
	if len(rules) != len(admission.Rules()) {
		t.Errorf("%d rules are offered, there are %d", len(rules), len(admission.Rules()))
	}
}

func TestNoParameterOfARuleIsForgotten(t *testing.T) {
	var offered []string
	for _, parameters := range ruleParameters {
		for name := range parameters {
			offered = append(offered, name)
		}
	}
	paths, err := filepath.Glob("../k8s/admission/rule_*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("rules: %v, %v", paths, err)
	}
	found := 0
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, isType := n.(*ast.TypeSpec)
			if !isType || !strings.HasSuffix(spec.Name.Name, "Params") {
				return true
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				name := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
				found++
				if !slices.Contains(offered, name) {
					t.Errorf("%s of %s is not offered", name, spec.Name.Name)
				}
			}
			return false
		})
	}
	if found < 5 {
		t.Errorf("only %d parameters were found", found)
	}
}
