// Package print writes what may talk to what for people and for programs: as
// text in columns, as JSON, as a DOT graph and as a Markdown table. All four
// hold the same facts.
package print
