package print

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"tenure.dev/k8s/network"
)

// Format is how it is written.
type Format string

// The formats.
const (
	Text     Format = "text"
	JSON     Format = "json"
	DOT      Format = "dot" // for Graphviz
	Markdown Format = "markdown"
)

// Formats lists them all.
func Formats() []Format { return []Format{Text, JSON, DOT, Markdown} }

// row is one flow as it is written.
type row struct {
	mark     mark
	from, to string
	ports    string
	note     string
}

// mark says what became of a flow.
type mark string

const (
	stays   mark = ""
	opens   mark = "opens"
	closes  mark = "closes"
	changes mark = "changes"
)

// sign is the mark in one character, as in a diff.
func (m mark) sign() string {
	return map[mark]string{stays: " ", opens: "+", closes: "-", changes: "~"}[m]
}

// Connectivity writes flows.
func Connectivity(w io.Writer, format Format, flows []network.Flow) error {
	rows := make([]row, len(flows))
	for i, f := range flows {
		rows[i] = row{from: f.From.String(), to: f.To.String(), ports: f.Ports.String()}
	}
	if format == JSON {
		return writeJSON(w, append([]network.Flow{}, flows...))
	}
	return write(w, format, rows, "Nothing may talk to anything.")
}

// Difference writes what changed. What is widened or narrowed is for pods that
// need not exist yet.
func Difference(w io.Writer, format Format, d network.Difference) error {
	if format == JSON {
		return writeJSON(w, d)
	}
	var rows []row
	for _, f := range d.Opened {
		rows = append(rows, row{mark: opens, from: f.From.String(), to: f.To.String(), ports: f.Ports.String()})
	}
	for _, f := range d.Closed {
		rows = append(rows, row{mark: closes, from: f.From.String(), to: f.To.String(), ports: f.Ports.String()})
	}
	for _, c := range d.Changed {
		rows = append(rows, row{mark: changes, from: c.From.String(), to: c.To.String(), ports: c.Before.String() + " → " + c.After.String()})
	}
	for _, a := range d.Widened {
		rows = append(rows, allowance(opens, a))
	}
	for _, a := range d.Narrowed {
		rows = append(rows, allowance(closes, a))
	}
	return write(w, format, rows, "Nothing changes.")
}

// allowance writes what one namespace's end lets through, whatever the other
// end says.
func allowance(m mark, a network.Allowance) row {
	own := "pods " + a.Pods.String() + " in namespace " + a.Namespace
	if a.Pods.All() {
		own = "any pod in namespace " + a.Namespace
	}
	r := row{mark: m, from: own, to: a.Peer.String(), ports: a.Ports.String(), note: "egress of " + a.Namespace}
	if a.Direction == network.Ingress {
		r.from, r.to, r.note = r.to, r.from, "ingress of "+a.Namespace
	}
	return r
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// write writes rows in a format for people.
func write(w io.Writer, format Format, rows []row, none string) error {
	switch format {
	case Text:
		return writeText(w, rows, none)
	case Markdown:
		return writeMarkdown(w, rows, none)
	case DOT:
		return writeDOT(w, rows)
	}
	return fmt.Errorf("there is no format %q", format)
}

func writeText(w io.Writer, rows []row, none string) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, none)
		return err
	}
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		line := []string{r.from, "=> " + r.to, r.ports}
		if anyMarked(rows) {
			line[0] = r.mark.sign() + " " + line[0]
		}
		if r.note != "" {
			line = append(line, "("+r.note+")")
		}
		if _, err := fmt.Fprintln(columns, strings.Join(line, "\t")); err != nil {
			return err
		}
	}
	return columns.Flush()
}

func writeMarkdown(w io.Writer, rows []row, none string) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, none)
		return err
	}
	lines := []string{"| From | To | Ports |", "| --- | --- | --- |"}
	if anyMarked(rows) {
		lines = []string{"| | From | To | Ports | |", "| --- | --- | --- | --- | --- |"}
	}
	for _, r := range rows {
		cells := []string{r.from, r.to, r.ports}
		if anyMarked(rows) {
			cells = []string{string(r.mark), r.from, r.to, r.ports, r.note}
		}
		for i := range cells {
			cells[i] = strings.NewReplacer("|", `\|`, "\n", " ").Replace(cells[i])
		}
		lines = append(lines, "| "+strings.Join(cells, " | ")+" |")
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// dotStyles tell marks apart by line and label, not by colour alone.
var dotStyles = map[mark]string{
	stays:   "",
	opens:   ", color=darkgreen, penwidth=2",
	closes:  ", color=firebrick, style=dashed",
	changes: ", color=darkorange3, style=bold",
}

func writeDOT(w io.Writer, rows []row) error {
	lines := []string{"digraph connectivity {", "  rankdir=LR;", "  node [shape=box];"}
	var ends []string
	for _, r := range rows {
		for _, end := range []string{r.from, r.to} {
			if !slices.Contains(ends, end) {
				ends = append(ends, end)
			}
		}
	}
	slices.Sort(ends)
	for _, end := range ends {
		lines = append(lines, "  "+quote(end)+";")
	}
	for _, r := range rows {
		label := strings.TrimSpace(string(r.mark) + " " + r.ports)
		lines = append(lines, fmt.Sprintf("  %s -> %s [label=%s%s];", quote(r.from), quote(r.to), quote(label), dotStyles[r.mark]))
	}
	_, err := fmt.Fprintln(w, strings.Join(append(lines, "}"), "\n"))
	return err
}

// quote writes a DOT string: only quotes and backslashes need escaping.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

func anyMarked(rows []row) bool {
	return slices.ContainsFunc(rows, func(r row) bool { return r.mark != stays })
}
