package web

// Field is one field of a form, with what was typed and what is wrong with it.
type Field struct {
	Name     string // as sent, and as problems name it
	Label    string
	Hint     string
	Value    string
	Problem  string
	Required bool
	// Conditional says that the field is needed in some cases, which the hint
	// names; it is then called neither required nor optional.
	Conditional bool
	Options     []Option // for fields that are chosen from
}

// Option is one choice of a field.
type Option struct {
	Value  string
	Label  string
	Detail string
	Chosen bool
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
			summary.Items = append(summary.Items, ErrorItem{Href: field.anchor(), Label: field.Label, Message: field.Problem})
		}
	}
	return summary
}
