package gitops

import (
	"fmt"
	"strings"

	"tenure.dev/k8s/manifest"
)

// Objection is one reason why a commit does not prove.
type Objection struct {
	Commit  string // 40 hex digits
	Path    string // the file it is about; empty when the commit changes none
	Line    int    // from 1; 0 when it is about no line
	Message string // a sentence part: "is not signed"
}

// String writes the objection on one line, commit and path first.
func (o Objection) String() string {
	text := o.Commit
	if o.Path != "" {
		text += " " + o.file()
	}
	return text + ": " + o.Message
}

// Location is the place for the health page: "policy.yaml:12" where the line
// is known, else "commit path".
func (o Objection) Location() string {
	if o.Line > 0 {
		return o.file()
	}
	return strings.TrimSpace(o.Commit + " " + o.Path)
}

// file names the path and the line. A path that would not print as it is (a
// foreign commit can hold any) is quoted.
func (o Objection) file() string {
	path := plainPath(o.Path)
	if o.Line > 0 {
		path += fmt.Sprintf(":%d", o.Line)
	}
	return path
}

// plainPath quotes a path that holds anything unusual.
func plainPath(path string) string {
	if quoted := fmt.Sprintf("%+q", path); quoted[1:len(quoted)-1] != path || strings.ContainsAny(path, " ") {
		return quoted
	}
	return path
}

// UnverifiedError says that the branch's head does not verify, and why.
type UnverifiedError struct {
	Head       string // the commit that does not verify
	Objections []Objection
}

// Error writes every objection.
func (e *UnverifiedError) Error() string {
	texts := make([]string, len(e.Objections))
	for i, o := range e.Objections {
		texts[i] = o.String()
	}
	return fmt.Sprintf("commit %s does not verify: %s", e.Head, strings.Join(texts, "; "))
}

// foremost is the objection that helps most: one that names a line, else the first.
func foremost(objections []Objection) Objection {
	for _, o := range objections {
		if o.Line > 0 {
			return o
		}
	}
	return objections[0]
}

// documentObjections takes a decoder's error apart, one objection a problem.
func documentObjections(commit, path string, err error) []Objection {
	var all []Objection
	for _, document := range manifest.DocumentErrors(err) {
		message := document.Message
		if document.Field != "" {
			message = document.Field + ": " + message
		}
		all = append(all, Objection{Commit: commit, Path: path, Line: document.Line, Message: message})
	}
	return all
}
