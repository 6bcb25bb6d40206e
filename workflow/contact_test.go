package workflow_test

import (
	"net/mail"
	"net/url"
	"strings"
	"testing"

	"tenure.dev/workflow"
)

func TestAContactIsAnAddressOrALinkAndSlipsAreAnsweredWithWhatWasMeant(t *testing.T) {
	for text, says := range map[string]string{
		"payments@example.com":                               "",
		" o'hara+team@sub.example.co.uk ":                    "",
		"https://chat.example.com/payments?thread=1#top":     "",
		"https://teams.example.com:8443":                     "",
		"":                                                   "Say where the team is reached: an e-mail address or an https link",
		"Payments <payments@example.com>":                    `did you mean "payments@example.com"?`,
		"mailto:payments@example.com":                        `did you mean "payments@example.com"?`,
		"http://chat.example.com/payments":                   `did you mean "https://chat.example.com/payments"?`,
		"HTTPS://chat.example.com":                           `did you mean "https://chat.example.com"?`,
		"www.example.com/payments":                           `did you mean "https://www.example.com/payments"?`,
		"payments":                                           `"payments" is not an e-mail address or an https link`,
		"payments@localhost":                                 "is not an e-mail address",
		"payments@-example.com":                              "is not an e-mail address",
		"javascript:alert(1)":                                "is not an e-mail address",
		"data:text/html,x":                                   "is not an e-mail address",
		"https://":                                           "is not an e-mail address",
		"https://-":                                          "is not an e-mail address",
		"https://user:secret@example.com":                    "is not an e-mail address",
		"https://example.com/\"onclick=":                     "is not an e-mail address",
		"https://example.com/a b":                            "is not an e-mail address",
		"https://ex\u0430mple.com":                           "is not an e-mail address", // a Cyrillic а
		"pay\u200bments@example.com":                         "The invisible character U+200B",
		"payments@example.com, other@example.com":            "is not an e-mail address",
		"https://example.com/" + strings.Repeat("x", 200):    "at most 200 are allowed",
		"payments@example.com\r\nBcc: everybody@example.com": "The invisible character U+000D",
	} {
		contact, message := workflow.ParseContact(text)
		if says == "" && (message != "" || contact != strings.TrimSpace(text)) {
			t.Errorf("%q is read as %q: %s", text, contact, message)
		}
		if says != "" && (contact != "" || !strings.Contains(message, says)) {
			t.Errorf("%q is read as %q, and it says %q, want %q", text, contact, message, says)
		}
	}
}

func FuzzParseContact(f *testing.F) {
	for _, text := range []string{"", "a@b.c", "https://a.b/c", "A <a@b.c>", "mailto:a@b.c", "http://a", "HTTPS://a.b", "www.a.b", "javascript:a@b.c", "https://a@b.c", "https://a:99999", "<<a@b.c>>"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		contact, message := workflow.ParseContact(text)
		if (message == "") != (contact != "") || contact != "" && contact != strings.TrimSpace(text) {
			t.Fatalf("%q: read %q, says %q", text, contact, message)
		}
		for _, suggestion := range meant(message) {
			if again, wrong := workflow.ParseContact(suggestion); again != suggestion {
				t.Fatalf("%q: it suggests %q, of which it says %q", text, suggestion, wrong)
			}
		}
		if contact == "" || !strings.HasPrefix(contact, "https:") && strings.ContainsAny(contact, "<>\"\r\n :") {
			if contact != "" {
				t.Fatalf("%q: read %q, which is no plain address", text, contact)
			}
			return
		}
		if link, isLink := strings.CutPrefix(contact, "https://"); isLink {
			if u, err := url.Parse(contact); err != nil || u.Host == "" || u.User != nil || strings.ContainsAny(link, "\"'<> \\") {
				t.Fatalf("%q: read %q, which is no plain link (%v)", text, contact, err)
			}
		} else if _, domain, found := strings.Cut(contact, "@"); !found || !strings.Contains(domain, ".") {
			t.Fatalf("%q: read %q, which is neither", text, contact)
		} else if parsed, err := mail.ParseAddress("<" + contact + ">"); err == nil && parsed.Address != contact {
			t.Fatalf("%q: read %q, which mail programs read as %q", text, contact, parsed.Address)
		}
	})
}
