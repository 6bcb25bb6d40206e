package admission

import (
	"fmt"
	"strings"
	"unicode"

	"tenure.dev/workflow"
)

// Lengths of what is shown, in bytes. kubectl prints a denial as it is; the API
// server cuts warnings after 256 and drops those beyond 4096 in all
// (k8s.io/apiserver/pkg/endpoints/filters/warning.go).
const (
	maxValue   = 200
	maxDenial  = 4000
	maxWarning = 256
	maxWarned  = 4096
)

// printable makes a value from an object fit to show: on one line, not endless.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
	return cut(text, maxValue)
}

// cut shortens a text to a number of bytes, at a whole character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len("…")], "") + "…"
}

// DenialText is what the person reads whose write was refused: each violation
// on a line of its own, as many as fit, and how many more there are.
func DenialText(violations []workflow.Violation) string {
	var text strings.Builder
	for i, violation := range violations {
		line := lineOf(violation, maxDenial/4)
		if text.Len()+len(line) > maxDenial {
			fmt.Fprintf(&text, "\n… and %d more.", len(violations)-i)
			break
		}
		if i > 0 {
			text.WriteByte('\n')
		}
		text.WriteString(line)
	}
	return text.String()
}

// lineOf writes a violation in at most a number of bytes. Where to ask stays whole
// if it leaves room for anything else, and is left out otherwise: better than half
// a link.
func lineOf(violation workflow.Violation, limit int) string {
	line := violation.String()
	if len(line) <= limit {
		return line
	}
	ask := " " + violation.Ask
	violation.Ask = ""
	if len(ask) > limit*3/4 {
		return cut(violation.String(), limit)
	}
	return strings.TrimRight(cut(violation.String(), limit-len(ask))+ask, " ")
}

// warningTexts are the violations as the API server passes them on.
func warningTexts(violations []workflow.Violation) []string {
	var texts []string
	total := 0
	for _, violation := range violations {
		line := violation.String()
		if len(line) > maxWarning {
			violation.Ask = "" // better than half a link
			line = cut(violation.String(), maxWarning)
		}
		if total += len(line); total > maxWarned {
			break
		}
		texts = append(texts, line)
	}
	return texts
}

// display names the object of a request: "Deployment payments-api-dev/web".
func (r Request) display() string {
	name := r.Name
	if name == "" {
		name = "(name to be generated)"
	}
	if r.Namespace != "" && r.Kind.GroupKind() != namespaceKind {
		name = r.Namespace + "/" + name
	}
	return printable(r.Kind.Kind + " " + name)
}
