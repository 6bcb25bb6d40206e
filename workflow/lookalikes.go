package workflow

import (
	"fmt"
	"strings"
	"unicode"
)

// lookalike is a letter that looks like a Latin one in most fonts.
type lookalike struct {
	name  string // as Unicode calls it
	latin string
}

// lookalikes are the letters of the scripts that share most forms with Latin,
// Cyrillic and Greek: those whose prototype is a Latin letter in confusables.txt
// of Unicode UTS #39 (https://www.unicode.org/reports/tr39/#Confusable_Detection),
// with the accented ones that people type as one character.
var lookalikes = map[rune]lookalike{
	0x037F: {"GREEK CAPITAL LETTER YOT", "J"},
	0x0391: {"GREEK CAPITAL LETTER ALPHA", "A"},
	0x0392: {"GREEK CAPITAL LETTER BETA", "B"},
	0x0395: {"GREEK CAPITAL LETTER EPSILON", "E"},
	0x0396: {"GREEK CAPITAL LETTER ZETA", "Z"},
	0x0397: {"GREEK CAPITAL LETTER ETA", "H"},
	0x0399: {"GREEK CAPITAL LETTER IOTA", "I"},
	0x039A: {"GREEK CAPITAL LETTER KAPPA", "K"},
	0x039C: {"GREEK CAPITAL LETTER MU", "M"},
	0x039D: {"GREEK CAPITAL LETTER NU", "N"},
	0x039F: {"GREEK CAPITAL LETTER OMICRON", "O"},
	0x03A1: {"GREEK CAPITAL LETTER RHO", "P"},
	0x03A4: {"GREEK CAPITAL LETTER TAU", "T"},
	0x03A5: {"GREEK CAPITAL LETTER UPSILON", "Y"},
	0x03A7: {"GREEK CAPITAL LETTER CHI", "X"},
	0x03AC: {"GREEK SMALL LETTER ALPHA WITH TONOS", "á"},
	0x03AF: {"GREEK SMALL LETTER IOTA WITH TONOS", "í"},
	0x03B1: {"GREEK SMALL LETTER ALPHA", "a"},
	0x03B3: {"GREEK SMALL LETTER GAMMA", "y"},
	0x03B9: {"GREEK SMALL LETTER IOTA", "i"},
	0x03BA: {"GREEK SMALL LETTER KAPPA", "k"},
	0x03BD: {"GREEK SMALL LETTER NU", "v"},
	0x03BF: {"GREEK SMALL LETTER OMICRON", "o"},
	0x03C1: {"GREEK SMALL LETTER RHO", "p"},
	0x03C3: {"GREEK SMALL LETTER SIGMA", "o"},
	0x03C5: {"GREEK SMALL LETTER UPSILON", "u"},
	0x03CC: {"GREEK SMALL LETTER OMICRON WITH TONOS", "ó"},
	0x03CD: {"GREEK SMALL LETTER UPSILON WITH TONOS", "ú"},
	0x03F2: {"GREEK LUNATE SIGMA SYMBOL", "c"},
	0x03F3: {"GREEK LETTER YOT", "j"},
	0x03F9: {"GREEK CAPITAL LUNATE SIGMA SYMBOL", "C"},
	0x0400: {"CYRILLIC CAPITAL LETTER IE WITH GRAVE", "È"},
	0x0401: {"CYRILLIC CAPITAL LETTER IO", "Ë"},
	0x0405: {"CYRILLIC CAPITAL LETTER DZE", "S"},
	0x0406: {"CYRILLIC CAPITAL LETTER BYELORUSSIAN-UKRAINIAN I", "I"},
	0x0407: {"CYRILLIC CAPITAL LETTER YI", "Ï"},
	0x0408: {"CYRILLIC CAPITAL LETTER JE", "J"},
	0x0410: {"CYRILLIC CAPITAL LETTER A", "A"},
	0x0412: {"CYRILLIC CAPITAL LETTER VE", "B"},
	0x0415: {"CYRILLIC CAPITAL LETTER IE", "E"},
	0x041A: {"CYRILLIC CAPITAL LETTER KA", "K"},
	0x041C: {"CYRILLIC CAPITAL LETTER EM", "M"},
	0x041D: {"CYRILLIC CAPITAL LETTER EN", "H"},
	0x041E: {"CYRILLIC CAPITAL LETTER O", "O"},
	0x0420: {"CYRILLIC CAPITAL LETTER ER", "P"},
	0x0421: {"CYRILLIC CAPITAL LETTER ES", "C"},
	0x0422: {"CYRILLIC CAPITAL LETTER TE", "T"},
	0x0423: {"CYRILLIC CAPITAL LETTER U", "Y"},
	0x0425: {"CYRILLIC CAPITAL LETTER HA", "X"},
	0x042C: {"CYRILLIC CAPITAL LETTER SOFT SIGN", "b"},
	0x0430: {"CYRILLIC SMALL LETTER A", "a"},
	0x0433: {"CYRILLIC SMALL LETTER GHE", "r"},
	0x0435: {"CYRILLIC SMALL LETTER IE", "e"},
	0x043E: {"CYRILLIC SMALL LETTER O", "o"},
	0x0440: {"CYRILLIC SMALL LETTER ER", "p"},
	0x0441: {"CYRILLIC SMALL LETTER ES", "c"},
	0x0443: {"CYRILLIC SMALL LETTER U", "y"},
	0x0445: {"CYRILLIC SMALL LETTER HA", "x"},
	0x0450: {"CYRILLIC SMALL LETTER IE WITH GRAVE", "è"},
	0x0451: {"CYRILLIC SMALL LETTER IO", "ë"},
	0x0455: {"CYRILLIC SMALL LETTER DZE", "s"},
	0x0456: {"CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I", "i"},
	0x0457: {"CYRILLIC SMALL LETTER YI", "ï"},
	0x0458: {"CYRILLIC SMALL LETTER JE", "j"},
	0x0474: {"CYRILLIC CAPITAL LETTER IZHITSA", "V"},
	0x0475: {"CYRILLIC SMALL LETTER IZHITSA", "v"},
	0x04AE: {"CYRILLIC CAPITAL LETTER STRAIGHT U", "Y"},
	0x04AF: {"CYRILLIC SMALL LETTER STRAIGHT U", "y"},
	0x04BB: {"CYRILLIC SMALL LETTER SHHA", "h"},
	0x04C0: {"CYRILLIC LETTER PALOCHKA", "I"},
	0x04CF: {"CYRILLIC SMALL LETTER PALOCHKA", "l"},
	0x0501: {"CYRILLIC SMALL LETTER KOMI DE", "d"},
	0x050C: {"CYRILLIC CAPITAL LETTER KOMI SJE", "G"},
	0x051A: {"CYRILLIC CAPITAL LETTER QA", "Q"},
	0x051B: {"CYRILLIC SMALL LETTER QA", "q"},
	0x051C: {"CYRILLIC CAPITAL LETTER WE", "W"},
	0x051D: {"CYRILLIC SMALL LETTER WE", "w"},
}

// mixedWord says that a word has letters which make it read as another word: in
// one with Latin letters, those of Cyrillic or Greek that look like them. Whole
// words may be of any script, and so may a word with letters that cannot be
// mistaken, such as ΔT. Empty when there is no such word.
func mixedWord(text string) string {
	words := strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
	})
	for word := range words {
		if !strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
			continue
		}
		for _, r := range word {
			if like, found := lookalikes[r]; found {
				return fmt.Sprintf("The word %s mixes Latin letters with U+%04X %s, which looks like %q. Type the word again in one script.", shortened(word), r, like.name, like.latin)
			}
		}
	}
	return ""
}
