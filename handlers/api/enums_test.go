package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

// constants gives the values of the domain's text constants by their type, as
// its source has them.
func constants(t *testing.T) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob("../../workflow/*.go")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string][]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			general, isGeneral := declaration.(*ast.GenDecl)
			if !isGeneral || general.Tok != token.CONST {
				continue
			}
			for _, spec := range general.Specs {
				addConstant(t, values, spec.(*ast.ValueSpec))
			}
		}
	}
	return values
}

func addConstant(t *testing.T, values map[string][]string, spec *ast.ValueSpec) {
	t.Helper()
	kind, named := spec.Type.(*ast.Ident)
	if !named || len(spec.Values) != 1 {
		return
	}
	literal, isLiteral := spec.Values[0].(*ast.BasicLit)
	if !isLiteral || literal.Kind != token.STRING {
		return
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	if value != "" { // which is not written
		values[kind.Name] = append(values[kind.Name], value)
	}
}

func TestEveryListOfValuesIsTheDomains(t *testing.T) {
	known := constants(t)
	for kind, values := range enums() {
		want := slices.Sorted(slices.Values(known[kind.Name()]))
		if got := slices.Sorted(slices.Values(values)); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", kind, got, want)
		}
		if len(want) < 2 {
			t.Errorf("%s has the constants %q", kind, want)
		}
	}
}

func TestEveryTypeWithAListOfValuesHasItsEnum(t *testing.T) {
	known := constants(t)
	for _, op := range operations() {
		for _, root := range []reflect.Type{op.query, op.body, op.answer} {
			if root == nil {
				continue
			}
			walkTypes(root, map[reflect.Type]bool{}, func(kind reflect.Type) {
				if kind.Kind() == reflect.String && len(known[kind.Name()]) > 0 && enumOf(kind) == nil {
					t.Errorf("%s is used by %s and has no enum", kind, op.id)
				}
			})
		}
	}
	for _, kind := range workflow.Kinds() {
		if changeType(kind) == nil {
			t.Errorf("there is no change of kind %s", kind)
		}
	}
}

// walkTypes visits every type that a type is made of.
func walkTypes(of reflect.Type, seen map[reflect.Type]bool, visit func(reflect.Type)) {
	if seen[of] {
		return
	}
	seen[of] = true
	visit(of)
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		walkTypes(of.Elem(), seen, visit)
	case reflect.Map:
		walkTypes(of.Key(), seen, visit)
		walkTypes(of.Elem(), seen, visit)
	case reflect.Struct:
		for i := range of.NumField() {
			walkTypes(of.Field(i).Type, seen, visit)
		}
	}
}

func TestEveryComponentIsOneType(t *testing.T) {
	names := map[string]reflect.Type{}
	for _, op := range operations() {
		for _, root := range []reflect.Type{op.body, op.answer} {
			if root == nil {
				continue
			}
			walkTypes(root, map[reflect.Type]bool{}, func(kind reflect.Type) {
				if kind.Kind() != reflect.Struct || kind.PkgPath() == "" || kind == timeType {
					return
				}
				if other, taken := names[kind.Name()]; taken && other != kind {
					t.Errorf("%s and %s have the same name in the document", kind, other)
				}
				names[kind.Name()] = kind
			})
		}
	}
}
