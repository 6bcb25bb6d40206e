package cluster

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds every text that is taken from a cluster, in bytes. A webhook's
// denial with several violations fits.
const maxText = 1000

// clean makes one line of a text that comes from a cluster: control characters
// and those that cannot be seen (Unicode UTS #39 and UAX #9) become spaces, and
// what is longer than maxText is cut.
func clean(text string) string {
	if len(text) > 4*maxText {
		text = text[:4*maxText] // no more is looked at
	}
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsSpace(r) || unicode.IsControl(r) ||
			unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= maxText {
		return text
	}
	cut := maxText - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.TrimRight(text[:cut], " ") + "…"
}

// attempts is what Argo CD writes after a message about the next or the last
// try (controller/appcontroller.go, processRequestedAppOperation); manifestFile
// is the file that it made for kubectl, with a name of its own at each try.
var (
	attempts     = regexp.MustCompile(`\.? Retrying attempt #\d+ at [^ ]+\.$| \(retried \d+ times\)\.$`)
	manifestFile = regexp.MustCompile(`"/(?:dev/shm|tmp)/[^"]*"`)
)

// trouble cleans what Argo CD says went wrong, and takes out what differs from
// try to try, so that the same trouble reads the same.
func trouble(message string) string {
	return clean(manifestFile.ReplaceAllString(attempts.ReplaceAllString(message, ""), "its manifest"))
}
