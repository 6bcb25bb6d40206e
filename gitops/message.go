package gitops

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"tenure.dev/workflow"
)

// maxMessage bounds a commit message, in bytes. A restore that has to name more
// foreign paths than fit says how many it left out.
const maxMessage = 64 << 10

// trailerPrefix begins every trailer of ours. No line outside of the last
// paragraph may begin with it, in whatever case: Git reads trailers without
// regard to case, and people read what looks like one.
const trailerPrefix = "Tenure-"

// EncodeMessage writes a commit message: the subject, the body, and the
// trailers as its last paragraph. Whatever people typed (names, purposes,
// paths of foreign files) is made harmless: control and invisible characters
// become spaces, and a line of the body that looks like a trailer is quoted.
// The error says what cannot be written at all.
func EncodeMessage(m workflow.CommitMessage) (string, error) {
	subject := oneLine(m.Subject)
	if subject == "" {
		return "", errors.New("encode commit message: it has no subject")
	}
	trailers, err := encodeTrailers(m)
	if err != nil {
		return "", fmt.Errorf("encode commit message: %w", err)
	}
	text := subject + "\n\n"
	if body := bodyText(m.Body); body != "" {
		text += body + "\n\n"
	}
	text += trailers
	if len(text) > maxMessage {
		return "", fmt.Errorf("encode commit message: it has %d bytes, at most %d are allowed", len(text), maxMessage)
	}
	return text, nil
}

// ParseMessage reads what EncodeMessage writes, and nothing else: a message
// that would be written differently is refused, so that there is one reading
// of it only.
func ParseMessage(text string) (workflow.CommitMessage, error) {
	var m workflow.CommitMessage
	if len(text) > maxMessage {
		return m, fmt.Errorf("the message has %d bytes, at most %d are allowed", len(text), maxMessage)
	}
	subject, rest, found := strings.Cut(text, "\n\n")
	if !found {
		return m, errors.New("the message has no trailers, so it does not say which act it is")
	}
	m.Subject = subject
	trailers := rest
	if i := strings.LastIndex(rest, "\n\n"); i >= 0 {
		m.Body, trailers = rest[:i], rest[i+2:]
	}
	if err := parseTrailers(trailers, &m); err != nil {
		return workflow.CommitMessage{}, err
	}
	again, err := EncodeMessage(m)
	if err != nil {
		return workflow.CommitMessage{}, err
	}
	if again != text {
		return workflow.CommitMessage{}, errors.New("the message is not in the form that Tenure writes")
	}
	return m, nil
}

// oneLine makes a text fit on one line: what is invisible, breaks lines or
// turns their direction becomes a space, and runs of spaces become one.
func oneLine(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || invisible(r)
	}), " ")
}

func invisible(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || !utf8.ValidRune(r)
}

// bodyText makes each line of a body harmless, and drops blank lines at its
// ends and where several follow each other.
func bodyText(body string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		line = oneLine(line)
		if line == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		if len(line) >= len(trailerPrefix) && strings.EqualFold(line[:len(trailerPrefix)], trailerPrefix) {
			line = "| " + line
		}
		lines = append(lines, line)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
