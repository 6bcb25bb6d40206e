package manifest

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// bind sets a Go value from a node that plainNode has passed, by the rules of
// encoding/json, but strictly: names match exactly and an unknown field is a
// problem. It goes on after a problem, so that all of them are found.
func (p *problems) bind(node *yaml.Node, into reflect.Value, path string) {
	switch into.Addr().Interface().(type) {
	case *time.Time:
		p.bindTime(node, into, path)
		return
	case json.Unmarshaler:
		p.bindCustom(node, into, path)
		return
	case encoding.TextUnmarshaler:
		p.bindText(node, into, path)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		p.bind(node, into.Elem(), path)
	case reflect.Struct:
		p.bindStruct(node, into, path)
	case reflect.Map:
		p.bindMap(node, into, path)
	case reflect.Slice:
		p.bindSlice(node, into, path)
	case reflect.String:
		if node.Kind != yaml.ScalarNode || !isText(node) {
			p.add(node.Line, path, "%s is not a text; write it in quotes", shown(node))
			return
		}
		into.SetString(node.Value)
	case reflect.Int, reflect.Int32, reflect.Int64:
		number, err := strconv.ParseInt(node.Value, 10, into.Type().Bits())
		if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!int" || err != nil {
			p.add(node.Line, path, "%s is not a whole number of %d bits", shown(node), into.Type().Bits())
			return
		}
		into.SetInt(number)
	default:
		p.bindCustom(node, into, path)
	}
}

func (p *problems) bindStruct(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.MappingNode {
		p.add(node.Line, path, "%s: fields are needed here", shown(node))
		return
	}
	fields := fieldsOf(into.Type())
	for key, value := range pairs(node) {
		at := joined(path, key.Value)
		index, known := fields.index[key.Value]
		if !known {
			p.add(key.Line, at, "there is no such field; there are %s", strings.Join(fields.names, ", "))
			continue
		}
		p.bind(value, into.Field(index), at)
	}
}

func (p *problems) bindMap(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.MappingNode {
		p.add(node.Line, path, "%s: names with values are needed here", shown(node))
		return
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(node.Content)/2))
	for key, value := range pairs(node) {
		element := reflect.New(into.Type().Elem()).Elem()
		p.bind(value, element, joined(path, key.Value))
		into.SetMapIndex(reflect.ValueOf(key.Value).Convert(into.Type().Key()), element)
	}
}

func (p *problems) bindSlice(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.SequenceNode {
		p.add(node.Line, path, "%s: a list is needed here", shown(node))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content)))
	for i, item := range node.Content {
		p.bind(item, into.Index(i), indexed(path, i))
	}
}

// moments is RFC 3339 in UTC and whole seconds. Parsing would take fractions, too.
const moments = "2006-01-02T15:04:05Z"

// bindTime reads a moment, in the one way in which it is written back.
func (p *problems) bindTime(node *yaml.Node, into reflect.Value, path string) {
	moment, err := time.Parse(moments, node.Value)
	if node.Kind != yaml.ScalarNode || !isText(node) || err != nil || moment.Format(moments) != node.Value {
		p.add(node.Line, path, "%s is not a moment in UTC such as 2027-02-01T00:00:00Z", shown(node))
		return
	}
	into.Set(reflect.ValueOf(moment))
}

// bindText hands a text to a type that reads its own, and says itself what is wrong.
func (p *problems) bindText(node *yaml.Node, into reflect.Value, path string) {
	if node.Kind != yaml.ScalarNode {
		p.add(node.Line, path, "%s: a text is needed here", shown(node))
		return
	}
	if err := into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(node.Value)); err != nil {
		p.add(node.Line, path, "%s", err)
	}
}

// bindCustom hands a node to a type that reads its own JSON.
func (p *problems) bindCustom(node *yaml.Node, into reflect.Value, path string) {
	_, amount := into.Interface().(resource.Quantity)
	if amount && node.Kind == yaml.ScalarNode && workflow.QuantityTakesLong(strings.TrimSpace(node.Value)) {
		p.add(node.Line, path, "%s is not an amount such as 500m, 2 or 8Gi", shown(node))
		return
	}
	err := json.Unmarshal(nodeJSON(nil, node), into.Addr().Interface())
	if err == nil {
		return
	}
	if amount {
		p.add(node.Line, path, "%s is not an amount such as 500m, 2 or 8Gi", shown(node))
		return
	}
	text := jsonMismatch.ReplaceAllString(err.Error(), "$1 is not allowed here")
	if node.Kind == yaml.ScalarNode {
		text = shown(node) + ": " + text
	}
	p.add(node.Line, path, "%s", text)
}

// jsonMismatch is how encoding/json says that a value is of another type; a
// person who wrote YAML need not know our Go types.
var jsonMismatch = regexp.MustCompile(`json: cannot unmarshal (\w+) into Go .* of type \S+`)

// structFields is what encoding/json would call the fields of a struct.
type structFields struct {
	index map[string]int
	names []string // in the order of the type
}

func fieldsOf(t reflect.Type) structFields {
	fields := structFields{index: make(map[string]int, t.NumField())}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		fields.index[name] = i
		fields.names = append(fields.names, name)
	}
	return fields
}

// nodeJSON appends a node as JSON; plainNode has passed it.
func nodeJSON(out []byte, node *yaml.Node) []byte {
	switch node.Kind {
	case yaml.MappingNode:
		out = append(out, '{')
		for key, value := range pairs(node) {
			out = append(appendJSONText(out, key.Value), ':')
			out = append(nodeJSON(out, value), ',')
		}
		return closeJSON(out, '}')
	case yaml.SequenceNode:
		out = append(out, '[')
		for _, item := range node.Content {
			out = append(nodeJSON(out, item), ',')
		}
		return closeJSON(out, ']')
	}
	switch node.ShortTag() {
	case "!!int", "!!float":
		return append(out, node.Value...)
	case "!!bool":
		return append(out, strings.ToLower(node.Value)...)
	}
	return appendJSONText(out, node.Value)
}

func appendJSONText(out []byte, text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic("manifest: a text always encodes: " + err.Error())
	}
	return append(out, quoted...)
}

// closeJSON replaces the last comma, if there is one, by the closing bracket.
func closeJSON(out []byte, bracket byte) []byte {
	if out[len(out)-1] == ',' {
		out[len(out)-1] = bracket
		return out
	}
	return append(out, bracket)
}

// shown is a node as messages quote it.
func shown(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%q", node.Value)
}
