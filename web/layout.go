package web

import "strconv"

// htmxConfig keeps htmx inside the Content-Security-Policy: it neither
// evaluates text nor writes styles of its own.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"historyCacheSize":0}`

// pageTitle is what the browser's tab says.
func pageTitle(f Frame) string { return Visible(f.Title) + " · Tenure" }

// current is the aria-current of a navigation entry; no attribute when empty.
func (f Frame) current(section Section) string {
	if f.Section == section {
		return "page"
	}
	return "false"
}

// number writes an amount for an attribute.
func number(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }
