package web

import (
	"strconv"

	"github.com/a-h/templ"
)

// PolicyFields is the form for another policy.
type PolicyFields struct {
	Document Field // the whole text
	Base     Field // the sum of the policy that is edited; goes with the form unseen
	Reason   Field
	Kept     Field     // what was typed before another policy was taken over; not shown when empty
	KeptDiff *FileView // from the policy in force to it; nil where there is none
	File     Field     // a file instead of the text
	Most     int       // how large the file may be, in bytes
	Problems []LineProblem
	Moved    *PolicyMoved // nil while the policy that is edited is in force
	Schema   string       // where the script gets what can stand in the text
	Check    string       // where the script asks what is wrong with the text
}

// LineProblem is something wrong in a text.
type LineProblem struct {
	Line    int    // from 1; 0 where it is about no line
	Field   string // empty where it is about none
	Message string
}

// lineText names the line for a link.
func (p LineProblem) lineText() string { return "Line " + strconv.Itoa(p.Line) }

// PolicyMoved says that another policy came into force meanwhile, and how to go on.
type PolicyMoved struct {
	Diff         FileView // from the one in force to what was typed
	Take         string   // the name of the buttons
	Mine, Theirs string   // their values
}

// fields lists the form's fields in the order of the page.
func (p *PolicyFields) fields() []*Field {
	fields := []*Field{&p.Document, &p.Base}
	if p.Kept.Value != "" {
		fields = append(fields, &p.Kept)
	}
	return append(fields, &p.Reason)
}

// CountProblems has the text's message only count what the list beneath it says.
func (p *PolicyFields) CountProblems() {
	if p.Document.Problem != "" && len(p.Problems) > 0 {
		p.Document.Problem = Count(int64(len(p.Problems)), "problem") + " in the text, listed below."
	}
}

// attributes are those of a form's element that depend on the kind. A policy may
// come as a file, and its plan takes long enough to wait for a pause in the typing.
func (f RequestForm) attributes() templ.Attributes {
	if f.Policy == nil {
		return templ.Attributes{"hx-trigger": "input delay:300ms"}
	}
	return templ.Attributes{"hx-trigger": "input delay:1200ms", "enctype": "multipart/form-data"}
}
