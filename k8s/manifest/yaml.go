package manifest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// yaml writes the tree in YAML's block style, two spaces a level, one field a
// line, so that a diff of two files is a diff of their fields. Tenure writes
// YAML itself so that no library's upgrade can change a byte of what was signed.
func (m mapping) yaml() []byte {
	var out []byte
	return m.write(out, 0, false)
}

// write appends the fields. The first one is on the current line already when
// the mapping is an item of a list.
func (m mapping) write(out []byte, depth int, inItem bool) []byte {
	for i, f := range m {
		if i > 0 || !inItem {
			out = indent(out, depth)
		}
		out = append(appendScalar(out, f.key), ':')
		out = writeValue(out, f.value, depth)
	}
	return out
}

// writeValue appends a field's value after its colon, to the end of the line.
func writeValue(out []byte, value any, depth int) []byte {
	switch v := value.(type) {
	case mapping:
		if len(v) == 0 {
			return append(out, " {}\n"...)
		}
		return v.write(append(out, '\n'), depth+1, false)
	case []any:
		if len(v) == 0 {
			return append(out, " []\n"...)
		}
		return writeList(append(out, '\n'), v, depth)
	}
	return append(writeScalar(append(out, ' '), value), '\n')
}

// writeList appends the items at the same depth as the field that holds them.
func writeList(out []byte, list []any, depth int) []byte {
	for _, item := range list {
		out = append(indent(out, depth), '-')
		switch v := item.(type) {
		case mapping:
			if len(v) == 0 {
				out = append(out, " {}\n"...)
				continue
			}
			out = v.write(append(out, ' '), depth+1, true)
		case []any:
			out = writeValue(out, v, depth+1)
		default:
			out = append(writeScalar(append(out, ' '), item), '\n')
		}
	}
	return out
}

func indent(out []byte, depth int) []byte {
	for range depth {
		out = append(out, "  "...)
	}
	return out
}

func writeScalar(out []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return appendScalar(out, v)
	case json.Number:
		return append(out, v...)
	case nil: // in a list, where it cannot be left out
		return append(out, "null"...)
	}
	return fmt.Append(out, value)
}

// appendScalar appends a text, in double quotes unless every reader of YAML 1.1
// and 1.2 takes it for a text without them.
func appendScalar(out []byte, text string) []byte {
	if readsAsText(text) {
		return append(out, text...)
	}
	return appendQuoted(out, text)
}

// readsAsText is careful rather than complete: what it does not know is quoted.
func readsAsText(text string) bool {
	if text == "" || text[len(text)-1] == ' ' || text[len(text)-1] == ':' {
		return false
	}
	if c := text[0] | 0x20; c < 'a' || c > 'z' {
		return isAmount(text) || isObjectID(text)
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("-_./,;()&+=*@", c) >= 0:
		case c == ' ' && text[i-1] != ':':
		case c == ':' && text[i+1] != ' ':
		default:
			return false
		}
	}
	switch strings.ToLower(text) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return false
	}
	return true
}

// isAmount knows quantities with a unit, such as 500m and 8Gi, which no reader
// takes for a number.
func isAmount(text string) bool {
	digits := strings.TrimLeft(text, "0123456789")
	if len(digits) == len(text) {
		return false
	}
	switch digits {
	case "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei":
		return true
	}
	return false
}

// isObjectID knows the UUIDs of Entra, 8-4-4-4-12 lower-case hex digits.
func isObjectID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || (!dash && (c < '0' || c > '9') && (c < 'a' || c > 'f')) {
			return false
		}
	}
	return true
}

// appendQuoted appends a double-quoted scalar (YAML 1.2 §7.3.1) on one line.
func appendQuoted(out []byte, text string) []byte {
	out = append(out, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\t':
			out = append(out, `\t`...)
		case visible(r):
			out = append(out, string(r)...)
		case r <= 0xff:
			out = fmt.Appendf(out, `\x%02x`, r)
		case r <= 0xffff:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = fmt.Appendf(out, `\U%08x`, r)
		}
	}
	return append(out, '"')
}

// visible says whether a character is written as itself. Control characters,
// and those that are invisible or turn the direction of a line (Unicode UTS
// #39), are escaped, so that a reviewer sees them in the diff. The ranges are
// written out because a newer Go's Unicode tables must not change our bytes.
func visible(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0xa0, r == 0xad, r == 0x61c, r == 0x180e,
		r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202f, r >= 0x2060 && r <= 0x206f,
		r >= 0xd800 && r <= 0xf8ff, r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r >= 0xfff0 && r <= 0xffff,
		r >= 0xe0000:
		return false
	}
	return true
}
