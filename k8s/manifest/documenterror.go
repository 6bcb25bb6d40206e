package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// DocumentError says what is wrong in one place of a document of the GitOps
// repository. Several may be joined (errors.Join), in the order of their lines;
// errors.As finds the first.
type DocumentError struct {
	File    string // as it was given to the decoder
	Line    int    // from 1; 0 when the problem is about the file as a whole
	Field   string // path such as spec.namespaces[0].quota.cpu; may be empty
	Message string // names the value and what is allowed
}

// Error writes file, line, field and message as compilers do.
func (e *DocumentError) Error() string {
	text := e.File
	if e.Line > 0 {
		text += fmt.Sprintf(":%d", e.Line)
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	return text + ": " + e.Message
}

// problems collects what is wrong with one document.
type problems struct {
	file  string
	found []*DocumentError
}

func (p *problems) add(line int, field, format string, args ...any) {
	p.found = append(p.found, &DocumentError{File: p.file, Line: line, Field: field, Message: fmt.Sprintf(format, args...)})
}

// err joins what was found, by line; nil when nothing was.
func (p *problems) err() error {
	slices.SortStableFunc(p.found, func(a, b *DocumentError) int { return cmp.Compare(a.Line, b.Line) })
	errs := make([]error, len(p.found))
	for i, e := range p.found {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// DocumentErrors takes a decoder's error apart, in its order. Any other error
// becomes one about no line.
func DocumentErrors(err error) []*DocumentError {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*DocumentError
		for _, e := range joined.Unwrap() {
			all = append(all, DocumentErrors(e)...)
		}
		return all
	}
	var document *DocumentError
	if errors.As(err, &document) {
		return []*DocumentError{document}
	}
	return []*DocumentError{{Message: err.Error()}}
}
