package manifest

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds of a document. The largest tenancies have some 20 namespaces of about
// 1 KiB each; policies stay below 64 KiB.
const (
	MaxDocumentSize = 1 << 20 // bytes
	maxDepth        = 32      // levels of nesting
)

// parse reads exactly one YAML document that uses only what JSON has too:
// mappings with text keys, lists, texts, numbers and booleans. Everything
// else, aliases and tags and nulls among them, is a problem.
func (p *problems) parse(data []byte) *yaml.Node {
	if len(data) > MaxDocumentSize {
		p.add(0, "", "the file has %d bytes; at most %d are allowed", len(data), MaxDocumentSize)
		return nil
	}
	if !utf8.Valid(data) {
		p.add(0, "", "the file is not valid UTF-8")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		p.syntax(err)
		return nil
	}
	if len(doc.Content) != 1 {
		p.add(0, "", "the document is empty")
		return nil
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		p.add(second.Line, "", "a second document starts here; the file holds one")
		return nil
	case !errors.Is(err, io.EOF):
		p.syntax(err)
		return nil
	}
	p.plainNode(doc.Content[0], "", 0)
	return doc.Content[0]
}

// yamlLine finds the line in an error of the YAML library.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func (p *problems) syntax(err error) {
	if errors.Is(err, io.EOF) {
		p.add(0, "", "the document is empty")
		return
	}
	text, line := err.Error(), 0
	if match := yamlLine.FindStringSubmatch(text); match != nil {
		text = text[len(match[0]):]
		line, _ = strconv.Atoi(match[1]) // absent: 0, the file as a whole
	}
	p.add(line, "", "not YAML: %s", text)
}

// plainNode checks one node and what is in it.
func (p *problems) plainNode(node *yaml.Node, path string, depth int) {
	switch {
	case depth > maxDepth:
		p.add(node.Line, path, "is nested more than %d levels deep", maxDepth)
		return
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		p.add(node.Line, path, "anchors and aliases are not allowed; write the value out")
		return
	case node.Style&yaml.TaggedStyle != 0:
		p.add(node.Line, path, "the tag %s is not allowed", node.Tag)
		return
	}
	switch node.Kind {
	case yaml.MappingNode:
		p.plainMapping(node, path, depth)
	case yaml.SequenceNode:
		for i, item := range node.Content {
			p.plainNode(item, indexed(path, i), depth+1)
		}
	default:
		p.plainScalar(node, path)
	}
}

func (p *problems) plainMapping(node *yaml.Node, path string, depth int) {
	lines := make(map[string]int, len(node.Content)/2)
	for key, value := range pairs(node) {
		at := joined(path, key.Value)
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 || !isText(key) {
			p.add(key.Line, path, "a field's name is a plain text; write it in quotes")
			continue
		}
		if first, found := lines[key.Value]; found {
			p.add(key.Line, at, "stands twice, first on line %d", first)
			continue
		}
		lines[key.Value] = key.Line
		p.plainNode(value, at, depth+1)
	}
}

func (p *problems) plainScalar(node *yaml.Node, path string) {
	switch node.ShortTag() {
	case "!!str", "!!timestamp", "!!bool":
	case "!!int", "!!float":
		if !isJSONNumber(node.Value) {
			p.add(node.Line, path, "%s is not a decimal number; write it out, or in quotes where it is a text", node.Value)
		}
	case "!!null":
		p.add(node.Line, path, "has no value; leave the field out, or write \"\" for the empty text")
	default:
		p.add(node.Line, path, "%q is not a text, a number or a boolean", node.Value)
	}
}

// jsonNumber is the grammar of RFC 8259 §6: YAML alone also knows 0x1f, 1_000,
// 017 and .inf, which readers disagree about.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func isJSONNumber(text string) bool { return jsonNumber.MatchString(text) }

// isText says whether a scalar is a text. What looks like a time is one too:
// JSON has no other way to write it.
func isText(node *yaml.Node) bool {
	tag := node.ShortTag()
	return tag == "!!str" || tag == "!!timestamp"
}
