package handlers

import (
	"net/url"
	"strings"
)

// mostTyped bounds how many values of one field are read from a form.
const mostTyped = 100

// typedAll reads a field that is there once for each thing that was chosen.
func typedAll(values url.Values, name string) []string {
	var all []string
	for _, value := range values[name][:min(len(values[name]), mostTyped)] {
		if line := typedLine(url.Values{name: {value}}, name); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// typedLines reads a list that is typed one a line; a link has each entry as a
// value of its own.
func typedLines(values url.Values, name string) string {
	if len(values[name]) < 2 {
		return typedText(values, name)
	}
	return strings.Join(typedAll(values, name), "\n")
}
