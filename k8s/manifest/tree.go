package manifest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// mapping is an object whose fields have an order. A value is a mapping, []any,
// string, json.Number or bool; null there is only as an item of a list.
type mapping []member

type member struct {
	key   string
	value any
}

// treeOf gives a Go value's JSON object, its fields in the order in which
// encoding/json writes them. Fields that are null are left out: in what Tenure
// writes, null means absent.
func treeOf(value any) (mapping, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	reader := jsonReader{data: data}
	tree, ok := reader.value().(mapping)
	if !ok {
		return nil, fmt.Errorf("%T is not a JSON object", value)
	}
	return tree, nil
}

// jsonReader reads what json.Marshal has just written: valid and without
// spaces. It reads nothing else, so it checks nothing; decoding token by token
// with encoding/json takes several times as long.
type jsonReader struct {
	data []byte
	at   int
}

func (r *jsonReader) value() any {
	switch r.data[r.at] {
	case '{':
		tree := mapping{}
		for r.next('}') {
			key := r.text()
			r.at++ // the colon
			if value := r.value(); value != nil {
				tree = append(tree, member{key, value})
			}
		}
		return tree
	case '[':
		list := []any{}
		for r.next(']') {
			list = append(list, r.value())
		}
		return list
	case '"':
		return r.text()
	}
	return r.literal()
}

// next steps over an opening bracket or a comma, to the item behind it. At the
// closing bracket it steps over that and says false.
func (r *jsonReader) next(closing byte) bool {
	empty := r.data[r.at] != ',' && r.data[r.at] != closing && r.data[r.at+1] == closing
	if empty {
		r.at++
	}
	done := r.data[r.at] == closing
	r.at++
	return !done
}

// text reads a string.
func (r *jsonReader) text() string {
	start := r.at
	escaped := false
	for r.at++; r.data[r.at] != '"'; r.at++ {
		if r.data[r.at] == '\\' {
			escaped = true
			r.at++
		}
	}
	r.at++
	if !escaped {
		return string(r.data[start+1 : r.at-1])
	}
	var text string
	if err := json.Unmarshal(r.data[start:r.at], &text); err != nil {
		panic("manifest: encoding/json reads what it wrote: " + err.Error())
	}
	return text
}

// literal reads a number, a boolean or null.
func (r *jsonReader) literal() any {
	start := r.at
	for r.at < len(r.data) && r.data[r.at] != ',' && r.data[r.at] != '}' && r.data[r.at] != ']' {
		r.at++
	}
	switch word := string(r.data[start:r.at]); word {
	case "null":
		return nil
	case "true", "false":
		return word == "true"
	default:
		return json.Number(word)
	}
}

// withoutServerFields leaves out what the API server alone fills: the status,
// and a spec that says nothing.
func (m mapping) withoutServerFields() mapping {
	return slices.DeleteFunc(m, func(f member) bool {
		empty, isMapping := f.value.(mapping)
		return f.key == "status" || (f.key == "spec" && isMapping && len(empty) == 0)
	})
}

// sorted orders the fields by name at every depth, as kubectl writes them.
func (m mapping) sorted() mapping {
	slices.SortFunc(m, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	for _, f := range m {
		sortValue(f.value)
	}
	return m
}

func sortValue(value any) {
	switch v := value.(type) {
	case mapping:
		v.sorted()
	case []any:
		for _, item := range v {
			sortValue(item)
		}
	}
}

// plain gives the tree as encoding/json would decode it, with json.Number.
func (m mapping) plain() map[string]any {
	fields := make(map[string]any, len(m))
	for _, f := range m {
		fields[f.key] = plainValue(f.value)
	}
	return fields
}

func plainValue(value any) any {
	switch v := value.(type) {
	case mapping:
		return v.plain()
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plainValue(item)
		}
		return list
	}
	return value
}
