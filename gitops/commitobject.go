package gitops

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// commitObject is a commit as Git stores it, with the headers that a commit
// needs and no others (gitformat-signature, git-commit-tree).
type commitObject struct {
	tree      plumbing.Hash
	parents   []plumbing.Hash
	author    string // "Name <email> 1767225600 +0000"
	committer string
	signature string // armored, ending in a newline; empty when unsigned
	message   string
}

var identityPattern = regexp.MustCompile(`^[^<>\n\x00]+ <[^<>\n\x00]*> [0-9]{1,12} [+-][0-9]{4}$`)

// payload is what the signature covers.
func (c commitObject) payload() []byte { return c.bytes(false) }

// encode gives the commit's bytes, signature included.
func (c commitObject) encode() []byte { return c.bytes(true) }

func (c commitObject) bytes(signed bool) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "tree %s\n", c.tree)
	for _, parent := range c.parents {
		fmt.Fprintf(&out, "parent %s\n", parent)
	}
	fmt.Fprintf(&out, "author %s\ncommitter %s\n", c.author, c.committer)
	if signed && c.signature != "" {
		lines := strings.Split(strings.TrimSuffix(c.signature, "\n"), "\n")
		fmt.Fprintf(&out, "gpgsig %s\n", strings.Join(lines, "\n "))
	}
	out.WriteString("\n" + c.message)
	return out.Bytes()
}

// parseCommit reads a commit. The error says why the bytes are not those of a
// plain commit; tree and parents are filled in even then, as far as they could
// be read, so that the history behind can be walked.
func parseCommit(raw []byte) (commitObject, error) {
	var c commitObject
	header, message, found := strings.Cut(string(raw), "\n\n")
	if !found {
		return c, errors.New("the commit has no message")
	}
	c.message = message
	lines := strings.Split(header, "\n")
	take := func(key string) (string, bool) {
		if len(lines) == 0 {
			return "", false
		}
		value, found := strings.CutPrefix(lines[0], key+" ")
		if found {
			lines = lines[1:]
		}
		return value, found
	}
	tree, _ := take("tree")
	c.tree = plumbing.NewHash(tree)
	for parent, found := take("parent"); found; parent, found = take("parent") {
		c.parents = append(c.parents, plumbing.NewHash(parent))
	}
	c.author, _ = take("author")
	c.committer, _ = take("committer")
	if first, found := take("gpgsig"); found {
		c.signature = first + "\n"
		for line, found := take(""); found; line, found = take("") {
			c.signature += line + "\n"
		}
	}
	switch {
	case len(lines) > 0:
		name, _, _ := strings.Cut(lines[0], " ")
		return c, fmt.Errorf("the commit has a header %q, which Tenure never writes and no proof covers", name)
	case !identityPattern.MatchString(c.author) || !identityPattern.MatchString(c.committer):
		return c, errors.New("the commit's author or committer is malformed")
	case !bytes.Equal(c.encode(), raw):
		return c, errors.New("the commit is malformed: it does not encode to the same bytes again")
	}
	return c, nil
}

// committedAt is the committer's time; zero where the line is malformed.
func (c commitObject) committedAt() time.Time {
	fields := strings.Fields(c.committer[strings.LastIndex(c.committer, ">")+1:])
	if len(fields) == 0 {
		return time.Time{}
	}
	seconds, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// identityLine writes an author or committer.
func identityLine(id Identity, at time.Time) string {
	clean := strings.NewReplacer("<", "", ">", "")
	return fmt.Sprintf("%s <%s> %d +0000", oneLine(clean.Replace(id.Name)), oneLine(clean.Replace(id.Email)), at.Unix())
}
