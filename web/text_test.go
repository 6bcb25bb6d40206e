package web

import (
	"bytes"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestUnseenCharactersAreMadeVisible(t *testing.T) {
	for text, want := range map[string]string{
		"payments-api-dev":     "payments-api-dev",
		"two\nlines\tand tabs": "two\nlines\tand tabs",
		"exe\u202Egnp.sh":      "exe⟨U+202E⟩gnp.sh",
		"zero\u200Bwidth":      "zero⟨U+200B⟩width",
		"\u2066isolated\u2069": "⟨U+2066⟩isolated⟨U+2069⟩",
		"no\u00A0break":        "no⟨U+00A0⟩break",
		"bell\a":               "bell⟨U+0007⟩",
		"carriage\rreturn":     "carriage⟨U+000D⟩return",
		"bad\xffbytes":         "bad⟨not UTF-8⟩bytes",
		"Zoë Nguyễn 支付":        "Zoë Nguyễn 支付",
		"":                     "",
	} {
		if got := Visible(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func FuzzPieces(f *testing.F) {
	f.Add("a\u202Eb")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, text string) {
		length := 0
		for _, piece := range Pieces(text) {
			if (piece.Text == "") == (piece.Mark == "") {
				t.Fatalf("%q: piece %+v is neither text nor mark", text, piece)
			}
			length += len(piece.Text)
			for _, r := range piece.Text {
				if hidden(r) {
					t.Fatalf("%q: %U came through", text, r)
				}
			}
		}
		if length > len(text) || !utf8.ValidString(Visible(text)) {
			t.Fatalf("%q became %q", text, Visible(text))
		}
	})
}

func TestMomentsAreRelativeAndExact(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		at   time.Time
		want Moment
	}{
		"long ago":   {now.Add(-49 * time.Hour), Moment{"2 days ago", "19 Nov 2026, 11:00 UTC", "2026-11-19T11:00:00Z"}},
		"an hour":    {now.Add(-time.Hour), Moment{"1 hour ago", "21 Nov 2026, 11:00 UTC", "2026-11-21T11:00:00Z"}},
		"now":        {now.Add(-time.Second), Moment{"just now", "21 Nov 2026, 11:59 UTC", "2026-11-21T11:59:59Z"}},
		"ahead":      {now.Add(40 * time.Second), Moment{"in 40 seconds", "21 Nov 2026, 12:00 UTC", "2026-11-21T12:00:40Z"}},
		"other zone": {now.In(time.FixedZone("CET", 3600)), Moment{"just now", "21 Nov 2026, 12:00 UTC", "2026-11-21T12:00:00Z"}},
		"never":      {time.Time{}, Moment{}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, At(test.at, now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryIconIsDrawn(t *testing.T) {
	for icon := range icons {
		var b bytes.Buffer
		if err := Sign(icon).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), `aria-hidden="true"`) || !strings.Contains(b.String(), icons[icon]) {
			t.Errorf("%s: %s", icon, b.String())
		}
	}
	if Icon("unknown").path() == "" {
		t.Error("an unknown icon draws nothing")
	}
}

func TestAssetsCarryTheirContentsHash(t *testing.T) {
	if err := fstest.TestFS(Static(), "favicon.svg"); err != nil {
		t.Fatal(err)
	}
	if hash := Fingerprint("favicon.svg"); hash == "" || Asset("favicon.svg") != "/static/favicon.svg?v="+hash {
		t.Errorf("hash %q, address %q", hash, Asset("favicon.svg"))
	}
	if Asset("no-such-file") != "/static/no-such-file" {
		t.Errorf("a file that is not there has the address %q", Asset("no-such-file"))
	}
}
