package web

import (
	"strconv"
	"strings"
	"unicode"
)

// lettering is a way of writing in a picture. The widths of its characters are
// estimates on the wide side, since the reader's font is not known here.
type lettering struct {
	class string  // style class
	size  float64 // of the font, in the picture's units
	line  int     // height of a line
	mono  bool    // every character is as wide as the others
	bold  bool
}

var (
	letteringTitle  = lettering{class: "picture-title", size: 13, line: 18, bold: true}
	letteringLabel  = lettering{class: "picture-label", size: 12, line: 17, mono: true}
	letteringDetail = lettering{class: "picture-detail", size: 12, line: 16}
	letteringBadge  = lettering{class: "picture-badge", size: 11.5, line: 22, bold: true}
	letteringWord   = lettering{class: "picture-word", size: 12, line: 16, bold: true}
	letteringPorts  = lettering{class: "picture-ports", size: 12, line: 16, mono: true}
)

// width estimates how much room a text takes.
func (l lettering) width(text string) float64 {
	ems := 0.0
	for _, r := range text {
		ems += l.ems(r)
	}
	return ems * l.size
}

// ems estimates the width of one character, in parts of the font's size.
func (l lettering) ems(r rune) float64 {
	wide := unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r > 0x2FFF
	switch {
	case wide:
		return 1.1
	case l.mono:
		return 0.61
	}
	ems := 0.61
	switch {
	case strings.ContainsRune("ijl.,:;'|! ", r):
		ems = 0.34
	case strings.ContainsRune("mwMW@%…", r):
		ems = 0.98
	case unicode.IsUpper(r):
		ems = 0.74
	}
	if l.bold {
		ems *= 1.06
	}
	return ems
}

// wrap breaks text into lines of at most so much width, where names may be
// broken; what does not fit into the lines ends in an ellipsis.
func (l lettering) wrap(text string, width float64, lines int) []string {
	rest := []rune(strings.Join(strings.Fields(Visible(text)), " "))
	var wrapped []string
	for len(rest) > 0 {
		if len(wrapped) == lines-1 {
			return append(wrapped, l.cut(string(rest), width))
		}
		n := l.fitting(rest, width)
		wrapped = append(wrapped, strings.TrimSpace(string(rest[:n])))
		rest = rest[n:]
	}
	return wrapped
}

// fitting is how many runes stand in a line: all, or up to the last place where
// a name may be broken, or as many as there is room for.
func (l lettering) fitting(text []rune, width float64) int {
	used, broken := 0.0, 0
	for i, r := range text {
		used += l.ems(r) * l.size
		if used > width {
			if r == ' ' {
				return i + 1 // it is not written at the end of a line
			}
			if broken > 0 {
				return broken
			}
			return max(i, 1)
		}
		if strings.ContainsRune(" -./,=:", r) {
			broken = i + 1
		}
	}
	return len(text)
}

// cut shortens text to a width.
func (l lettering) cut(text string, width float64) string {
	if l.width(text) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 1 && l.width(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ,") + "…"
}

// some lists the first names and says how many there are besides.
func some(names []string, shown int) string {
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:shown], ", ") + " and " + strconv.Itoa(len(names)-shown) + " more"
}
