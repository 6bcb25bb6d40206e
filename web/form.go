package web

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Field is one field of a form, with what was typed and what is wrong with it.
type Field struct {
	Name string // as sent, and as problems name it
	// Also lists other names by which problems mean this field.
	Also []string
	// List says that it holds a list: problems mean it by the name of an entry,
	// "hosts[1]", too.
	List        bool
	Label       string
	Of          string // whose field it is, where several have its label
	Hint        string
	Placeholder string
	Value       string
	Problem     string
	Required    bool
	// Conditional says that the field is needed in some cases, which the hint
	// names; it is then called neither required nor optional.
	Conditional bool
	Checked     bool     // of a box to tick; its value is what is sent then
	Focus       bool     // it takes the focus when it appears
	Options     []Option // for fields that are chosen from
	Wide        bool     // the options have much to say: each stands in a row of its own
	Suggestions []Option // for fields that are typed, and often hold one of these
	Least, Most string   // the earliest and the latest day of a date, "2027-02-19"
}

// Is says whether problems mean this field by a name.
func (f Field) Is(name string) bool {
	return f.Name == name || slices.Contains(f.Also, name) || (f.List && strings.HasPrefix(name, f.Name+"["))
}

// Title is the field's label with whose field it is: "Name of namespace 2".
func (f Field) Title() string {
	if f.Of == "" {
		return f.Label
	}
	return f.Label + " of " + f.Of
}

// OptionGroup is options of a list that stand together under a heading.
type OptionGroup struct {
	Label   string
	Options []Option
}

// groups gives the options in their groups, in the order of the options.
func (f Field) groups() []OptionGroup {
	var groups []OptionGroup
	for _, option := range f.Options {
		if len(groups) == 0 || groups[len(groups)-1].Label != option.Group {
			groups = append(groups, OptionGroup{Label: option.Group})
		}
		last := &groups[len(groups)-1]
		last.Options = append(last.Options, option)
	}
	return groups
}

// isDay says whether a date's value is one that the browser's date field can
// show; anything else that was typed would be lost in it.
func (f Field) isDay() bool {
	_, err := time.Parse(time.DateOnly, f.Value)
	return f.Value == "" || err == nil
}

func (f Field) listID() string { return f.Name + "-suggestions" }

// Option is one choice of a field.
type Option struct {
	Value  string
	Label  string
	Detail string
	Chosen bool
	Icon   Icon
	Group  string // the heading it stands under in a list; none when empty
	Unless string // stands instead of Detail while another choice rules this one out
	// Rules names what choosing this rules out elsewhere in the form, as a style class.
	Rules    string
	Disabled bool // it can never be chosen here; Unless says why
}

// hintID and problemID name the elements that describe the field's input.
func (f Field) hintID() string    { return f.Name + "-hint" }
func (f Field) problemID() string { return f.Name + "-problem" }
func (f Field) optionID(o Option) string {
	return f.Name + "-" + o.Value
}

// describedBy lists the elements that describe the input.
func (f Field) describedBy() string {
	if f.Hint == "" {
		return f.problemID()
	}
	return f.hintID() + " " + f.problemID()
}

// listed names the element with the suggestions; nil where there are none.
func (f Field) listed() templ.Attributes {
	if len(f.Suggestions) == 0 {
		return nil
	}
	return templ.Attributes{"list": f.listID()}
}

// anchor is where the error summary leads: the first input of the field.
func (f Field) anchor() string {
	return "#" + f.Name
}

// inputID is the id of an option's input; the first one is the field's own, so
// that the error summary can lead to it.
func (f Field) inputID(i int, o Option) string {
	if i == 0 {
		return f.Name
	}
	return f.optionID(o)
}

// ErrorSummary stands above a form that was not accepted.
type ErrorSummary struct {
	Message string // empty when there is nothing to say
	Items   []ErrorItem
}

// ErrorItem leads to a field that needs attention.
type ErrorItem struct {
	Href    string
	Label   string
	Message string
}

// Summarize makes the summary of the fields that have a problem.
func Summarize(message string, fields ...Field) ErrorSummary {
	summary := ErrorSummary{Message: message}
	for _, field := range fields {
		if field.Problem != "" {
			summary.Items = append(summary.Items, ErrorItem{Href: field.anchor(), Label: field.Title(), Message: field.Problem})
		}
	}
	return summary
}
