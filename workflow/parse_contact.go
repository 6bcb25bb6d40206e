package workflow

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// Bounds of what a team says of itself, in characters.
const (
	maxTeamName   = 100
	maxContact    = 200
	maxCostCentre = 40
)

var (
	// mailAddress is an e-mail address as browsers take it
	// (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address),
	// with a domain of two labels at least.
	mailAddress = regexp.MustCompile(`\A[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+\z`)
	// namedAddress is one with a name before it, as mail programs copy it.
	namedAddress = regexp.MustCompile(`\A[^<>]*<([^<>]+)>\z`)
	// plainLink has only characters that mean themselves wherever it is shown.
	plainLink = regexp.MustCompile(`\Ahttps://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9._~:/?#@!$&*+,;=%()-]*)?\z`)
)

// parseContact reads where a team is reached: an e-mail address or a link over
// https. The message says what is wrong; empty when nothing is.
func parseContact(text string) (contact, message string) {
	text = strings.TrimSpace(text)
	const wanted = "an e-mail address or an https link, such as payments@example.com or https://chat.example.com/payments"
	lower := strings.ToLower(text)
	switch {
	case text == "":
		return "", "Say where the team is reached: " + wanted + "."
	case checkVisible(text, maxContact, false) != "":
		return "", checkVisible(text, maxContact, false)
	case mailAddress.MatchString(text):
		return text, ""
	case isLink(text):
		return text, ""
	}
	meant := ""
	switch parts := namedAddress.FindStringSubmatch(text); {
	case parts != nil:
		meant = strings.TrimSpace(parts[1])
	case strings.HasPrefix(lower, "mailto:"):
		meant = text[len("mailto:"):]
	case strings.HasPrefix(lower, "http://"):
		meant = "https://" + text[len("http://"):]
	case strings.HasPrefix(lower, "https://"):
		meant = "https://" + text[len("https://"):]
	case strings.HasPrefix(lower, "www."):
		meant = "https://" + text
	}
	if meant != text && (mailAddress.MatchString(meant) || isLink(meant)) {
		return "", fmt.Sprintf("%s is not written as it is needed here; did you mean %q?", shortened(text), meant)
	}
	return "", fmt.Sprintf("%s is not %s.", shortened(text), wanted)
}

// isLink says whether a text is a link over https that holds no credentials.
func isLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && plainLink.MatchString(text) && u.Scheme == "https" && u.User == nil && strings.Trim(u.Hostname(), ".-") != ""
}

// parseCostCentre reads who pays, as the company's accounting writes it. The
// message says what is wrong; empty when nothing is.
func parseCostCentre(text string) (costCentre, message string) {
	return parseLine(text, maxCostCentre, "Say which cost centre pays, as accounting writes it, such as 4711.")
}

// parseTeamName reads what people call a team.
func parseTeamName(text string) (name, message string) {
	return parseLine(text, maxTeamName, "Say what people call the team, such as Payments.")
}

// parseLine reads one line of text, with what to say where there is none.
func parseLine(text string, most int, missing string) (line, message string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", missing
	}
	if message := checkText(text, most, false); message != "" {
		return "", message
	}
	return text, ""
}
