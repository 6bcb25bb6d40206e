package web

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Piece is a stretch of text, or one character that would not be seen, or would
// turn the text around it, if it were written as it is.
type Piece struct {
	Text string
	Mark string // "U+202E" instead of Text, for such a character
}

// Pieces splits text at the characters that must be made visible: control and
// format characters (among them the bidirectional overrides of Unicode TR 36),
// unusual spaces, and bytes that are not UTF-8. Tab and newline stay.
func Pieces(text string) []Piece {
	var pieces []Piece
	start := 0
	for i, r := range text {
		size := utf8.RuneLen(r)
		mark := ""
		switch {
		case r == utf8.RuneError:
			_, size = utf8.DecodeRuneInString(text[i:])
			mark = "not UTF-8"
		case hidden(r):
			mark = fmt.Sprintf("U+%04X", r)
		}
		if mark == "" {
			continue
		}
		if start < i {
			pieces = append(pieces, Piece{Text: text[start:i]})
		}
		pieces = append(pieces, Piece{Mark: mark})
		start = i + size
	}
	if start < len(text) {
		pieces = append(pieces, Piece{Text: text[start:]})
	}
	return pieces
}

// hidden says whether a character cannot be seen or changes how others are read.
func hidden(r rune) bool {
	if r == '\n' || r == '\t' || r == ' ' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs, unicode.Co)
}

// Visible is text for places that take no markup, such as titles, with each
// such character written as ⟨U+202E⟩.
func Visible(text string) string {
	var b strings.Builder
	for _, piece := range Pieces(text) {
		if piece.Mark != "" {
			b.WriteString("⟨" + piece.Mark + "⟩")
			continue
		}
		b.WriteString(piece.Text)
	}
	return b.String()
}
