package workflow

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what people type.
const (
	maxLabel   = 63  // RFC 1123 §2.1 and RFC 1035 §2.3.4
	maxSlug    = 30  // leaves room for the rest of a namespace's name
	maxCluster = 25  // so that tenure-<slug>-<cluster>, the name of an Application, is a DNS label too
	maxPurpose = 500 // characters
	maxReason  = 2000
	maxUser    = 256 // a user principal name has 113 at most, an object id 36
)

// checkLabel says what keeps a text from being a DNS label as Kubernetes takes
// it for names of namespaces (RFC 1123 §2.1); empty when nothing does.
func checkLabel(text string) string {
	if text == "" {
		return "A name is needed: lower-case letters, digits and hyphens."
	}
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return fmt.Sprintf("%q cannot be in a name; allowed are lower-case letters a to z, digits and hyphens.", r)
		}
	}
	if len(text) > maxLabel {
		return fmt.Sprintf("The name has %d characters; at most %d are allowed.", len(text), maxLabel)
	}
	if text[0] == '-' || text[len(text)-1] == '-' {
		return fmt.Sprintf("%q starts or ends with a hyphen; a name starts and ends with a letter or digit.", text)
	}
	return ""
}

// checkSlug says what keeps a text from being a tenant's slug.
func checkSlug(text string) string {
	if message := checkLabel(text); message != "" {
		return strings.TrimSuffix(message, ".")
	}
	if len(text) > maxSlug {
		return fmt.Sprintf("the slug has %d characters; at most %d are allowed", len(text), maxSlug)
	}
	return ""
}

// checkText says what keeps a text that somebody typed from being shown and
// signed as it is: what checkVisible refuses, and words that read as others.
func checkText(text string, most int, multiline bool) string {
	if message := checkVisible(text, most, multiline); message != "" {
		return message
	}
	return mixedWord(text)
}

// checkVisible says what keeps a text from being shown as it is: control
// characters, and the invisible ones that make a text read as another
// (zero-width characters, fillers and direction overrides, Unicode UTS #39 and UAX #9).
// Line breaks are allowed where multiline is set. Documents are held to this and
// no more, so that none which was approved once stops being read.
func checkVisible(text string, most int, multiline bool) string {
	if !utf8.ValidString(text) {
		return "The text is not valid UTF-8."
	}
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Sprintf("The text has %d characters; at most %d are allowed.", n, most)
	}
	for _, r := range text {
		if multiline && (r == '\n' || r == '\r' || r == '\t') {
			continue
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) {
			return fmt.Sprintf("The invisible character U+%04X cannot be used here. Type the text again without it.", r)
		}
	}
	return ""
}

// shortened quotes what was typed for a message, as much of it as helps.
func shortened(text string) string {
	const most = 60 // characters
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

// reservedBy gives the entry of the policy that reserves a namespace's name;
// empty when none does.
func (p Policy) reservedBy(name string) string {
	if slices.Contains(p.PlatformNamespaces, name) {
		return name
	}
	for _, reserved := range append([]string{"default", "kube-*"}, p.ReservedNames...) {
		prefix, isPrefix := strings.CutSuffix(reserved, "*")
		if name == reserved || (isPrefix && strings.HasPrefix(name, prefix)) {
			return reserved
		}
	}
	return ""
}

// oneOf joins what is allowed for a message: "dev, prod or test".
func oneOf[T ~string](allowed []T) string {
	texts := make([]string, len(allowed))
	for i, a := range allowed {
		texts[i] = string(a)
	}
	slices.Sort(texts)
	return listed(texts, "or")
}

// allOf joins all that there are for a message: "neu-1 and weu-1".
func allOf(names []string) string { return listed(slices.Sorted(slices.Values(names)), "and") }

// listed joins texts with commas, and the last one with a word.
func listed(texts []string, word string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " " + word + " " + texts[len(texts)-1]
}
