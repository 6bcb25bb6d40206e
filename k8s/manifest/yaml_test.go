package manifest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	goyaml "go.yaml.in/yaml/v3"
	"pgregory.net/rapid"
	kyaml "sigs.k8s.io/yaml"
)

// readers are kubectl's and Argo CD's reader of YAML, and our own.
var readers = map[string]func([]byte, any) error{
	"sigs.k8s.io/yaml":   func(data []byte, into any) error { return kyaml.UnmarshalStrict(data, into) },
	"go.yaml.in/yaml/v3": goyaml.Unmarshal,
}

func TestEveryTextSurvivesYAMLAsThatText(t *testing.T) {
	for _, text := range troublesome {
		checkSurvives(t, text)
	}
	rapid.Check(t, func(t *rapid.T) { checkSurvives(t, rapid.String().Filter(utf8.ValidString).Draw(t, "text")) })
	rapid.Check(t, func(t *rapid.T) { checkSurvives(t, awkwardTexts().Draw(t, "text")) })
}

func TestEveryCharacterSurvivesYAMLAndTakesOneLine(t *testing.T) {
	var chunk strings.Builder
	for r := rune(0); r <= utf8.MaxRune; r++ {
		// Every character outside the large uniform blocks, and some inside.
		if !utf8.ValidRune(r) || (r >= 0x3000 && r < 0xd800 || r >= 0x10100) && r%0x1000 >= 2 {
			continue
		}
		chunk.WriteRune(r)
		chunk.WriteByte('a')
		if chunk.Len() > 200 {
			checkSurvives(t, chunk.String())
			chunk.Reset()
		}
	}
	checkSurvives(t, chunk.String())
}

// checkSurvives writes a text as a key, as a value and as an item, and has
// each reader read it back.
func checkSurvives(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) {
	t.Helper()
	written := mapping{
		{"value", text},
		{"map", mapping{{"x" + text, text}}},
		{"list", []any{text, mapping{{"item", text}}, []any{text}}},
	}.yaml()
	if lines := strings.Count(string(written), "\n"); lines != 8 {
		t.Fatalf("%q took %d lines:\n%s", text, lines, written)
	}
	for name, read := range readers {
		var back struct {
			Value string
			Map   map[string]string
			List  []any
		}
		if err := read(written, &back); err != nil {
			t.Fatalf("%s cannot read %q: %v\n%s", name, text, err, written)
		}
		item, _ := back.List[1].(map[string]any)
		inner, _ := back.List[2].([]any)
		if back.Value != text || back.Map["x"+text] != text || back.List[0] != text || item["item"] != text || len(inner) != 1 || inner[0] != text {
			t.Fatalf("%s reads %q as %+v\n%s", name, text, back, written)
		}
	}
}

func TestTextsThatDeceiveTheEyeAreEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"a\u202eb":     `"a\u202eb"`,     // right-to-left override
		"a\u200bb":     `"a\u200bb"`,     // zero-width space
		"a\u00a0b":     `"a\xa0b"`,       // no-break space
		"a\ufeffb":     `"a\ufeffb"`,     // byte order mark
		"a\U000e0041b": `"a\U000e0041b"`, // tag character
		"Käse 漢":       `"Käse 漢"`,
		"plain text":   `plain text`,
		"8Gi":          `8Gi`,
		"8":            `"8"`,
		"a: b":         `"a: b"`,
	} {
		if got := string(appendScalar(nil, text)); got != want {
			t.Errorf("%q is written %s, want %s", text, got, want)
		}
	}
}

func TestEmptyMappingsAndListsAreWrittenOnOneLine(t *testing.T) {
	tree, err := treeOf(json.RawMessage(`{"a":{}, "b":[], "c":[{},[],[1,true,[[]]]], "d":null, "e":[{"f":{"g":1.5}},{"h":[{"i":"j\"k"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := "a: {}\nb: []\nc:\n- {}\n- []\n-\n  - 1\n  - true\n  -\n    - []\ne:\n- f:\n    g: 1.5\n- h:\n  - i: \"j\\\"k\"\n"
	if got := string(tree.yaml()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestATreeHoldsWhatTheValueHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := values(3).Draw(t, "value")
		tree, err := treeOf(map[string]any{"value": value})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]any{"value": value}, tree.plain()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// values generates JSON values without nulls, nested up to some depth.
func values(depth int) *rapid.Generator[any] {
	leaves := []*rapid.Generator[any]{
		awkwardTexts().AsAny(), rapid.Bool().AsAny(),
		rapid.Map(rapid.Int64(), func(n int64) any { return json.Number(fmt.Sprint(n)) }),
	}
	if depth > 0 {
		inner := values(depth - 1)
		leaves = append(leaves,
			rapid.Map(rapid.SliceOfN(inner, 0, 4), func(list []any) any { return list }),
			rapid.Map(rapid.MapOfN(awkwardTexts(), inner, 0, 4), func(fields map[string]any) any { return fields }))
	}
	return rapid.OneOf(leaves...)
}

func TestOnlyAnObjectIsATree(t *testing.T) {
	if _, err := treeOf([]int{1}); err == nil {
		t.Error("a list was taken for an object")
	}
}
