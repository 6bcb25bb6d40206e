package workflow

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// maxCount is the most objects of a kind that can be asked for. Kubernetes is
// tested with 150,000 pods in a whole cluster
// (https://kubernetes.io/docs/setup/best-practices/cluster-large/).
const maxCount = 1_000_000

var (
	digitsOnly = regexp.MustCompile(`\A[0-9]+\z`)
	// grouped is a number with separators between its thousands, or with the k of a thousand.
	grouped   = regexp.MustCompile(`\A[0-9]{1,3}(?:[,' _][0-9]{3})+\z`)
	thousands = regexp.MustCompile(`\A([0-9]{1,4}) ?[kK]\z`)
)

// parseCount reads how many objects there may be, a whole number. The message
// says what is wrong; empty when nothing is.
func parseCount(text string) (count int64, message string) {
	text = strings.TrimSpace(text)
	const allowed = "a whole number from 0 to 1000000"
	switch {
	case text == "":
		return 0, "Say how many, as " + allowed + "."
	case digitsOnly.MatchString(text):
		count, err := strconv.ParseInt(text, 10, 64)
		if err != nil || count > maxCount {
			return 0, fmt.Sprintf("%s is too many; write %s.", shortened(text), allowed)
		}
		return count, ""
	case grouped.MatchString(text):
		return 0, fmt.Sprintf("%s is not a whole number; did you mean %q?", shortened(text), strings.NewReplacer(",", "", "'", "", " ", "", "_", "").Replace(text))
	case thousands.MatchString(text):
		return 0, fmt.Sprintf("%s is not a whole number; did you mean %q?", shortened(text), thousands.FindStringSubmatch(text)[1]+"000")
	case strings.HasPrefix(text, "-") && digitsOnly.MatchString(text[1:]):
		return 0, fmt.Sprintf("%s is negative; write %s.", shortened(text), allowed)
	case strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsDigit(r) }):
		return 0, fmt.Sprintf("%s has digits other than 0 to 9; write %s with those.", shortened(text), allowed)
	}
	return 0, fmt.Sprintf("%s is not %s.", shortened(text), allowed)
}
