package gitops

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// fullMessage has every trailer.
func fullMessage() workflow.CommitMessage {
	return workflow.CommitMessage{
		Act: workflow.ActGrant, Subject: "Namespace payments-api-dev for payments (request 42)",
		Body:    "One namespace is made.\nIts quota is 2 CPU.\n\nSee the runbook: https://example.com/a?b=c",
		Request: 42, Kind: workflow.KindNamespace, RequestedBy: dana,
		ApprovedBy: []workflow.Approval{{Person: olga, Stage: workflow.RoleOwner}, {Person: sam, Stage: workflow.RoleSecurity}},
		Stages:     []workflow.Stage{{Role: workflow.RoleSecurity, Needed: 2}, {Role: workflow.RoleAdmin, Needed: 1, InsteadOf: workflow.RoleOwner}},
		Plan:       workflow.Digest("sha256:" + strings.Repeat("ab", 32)), PlannedAt: time.Date(2026, 3, 4, 5, 6, 7, 89, time.UTC),
		AuditHead: "sha256:" + strings.Repeat("cd", 32), Renderer: "1", Restores: strings.Repeat("0", 40), Ends: 61,
	}
}

const fullText = `Namespace payments-api-dev for payments (request 42)

One namespace is made.
Its quota is 2 CPU.

See the runbook: https://example.com/a?b=c

Tenure-Act: grant
Tenure-Request: 42
Tenure-Kind: namespace
Tenure-Requested-By: 11111111-1111-4111-8111-111111111111/aaaaaaaa-0000-4000-8000-000000000001; name=Dana Developer
Tenure-Approved-By: 11111111-1111-4111-8111-111111111111/aaaaaaaa-0000-4000-8000-000000000002; stage=owner; name=Olga Owner
Tenure-Approved-By: 11111111-1111-4111-8111-111111111111/aaaaaaaa-0000-4000-8000-000000000003; stage=security; name=Sam Security
Tenure-Stages: security=2 admin=1(owner)
Tenure-Plan: sha256:abababababababababababababababababababababababababababababababab
Tenure-Planned-At: 2026-03-04T05:06:07.000000089Z
Tenure-Audit-Head: sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd
Tenure-Renderer: 1
Tenure-Restores: 0000000000000000000000000000000000000000
Tenure-Ends: 61
`

func TestAMessageIsWrittenInOneFormAndReadBack(t *testing.T) {
	got, err := EncodeMessage(fullMessage())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullText, got); diff != "" {
		t.Error(diff)
	}
	parsed, err := ParseMessage(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fullMessage(), parsed); diff != "" {
		t.Error(diff)
	}
}

func TestNothingThatPeopleTypeMakesATrailer(t *testing.T) {
	for name, typed := range map[string]string{
		"a line break":            "Dana\nTenure-Approved-By: x",
		"a carriage return":       "Dana\rTenure-Approved-By: x",
		"a paragraph":             "Dana\n\nTenure-Act: init\n",
		"a Unicode line break":    "Dana\u2028Tenure-Act: init",
		"another Unicode break":   "Dana\u0085Tenure-Act: init",
		"a stage":                 "Dana; stage=security; name=Sam",
		"a field":                 "Dana: Tenure-Act: init",
		"a direction override":    "Dana\u202etini :tcA-eruneT",
		"a NUL":                   "Dana\x00",
		"bytes that are no UTF-8": "Dana\xff\xfe",
		"nothing":                 "",
		"spaces":                  "  \t ",
	} {
		m := fullMessage()
		m.RequestedBy.Name, m.ApprovedBy[0].Person.Name, m.Body = typed, typed, typed
		m.Subject = "For " + typed
		encoded, err := EncodeMessage(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, want := strings.Count(encoded, "\nTenure-"), strings.Count(fullText, "\nTenure-"); got != want {
			t.Errorf("%s: %d trailers, want %d:\n%s", name, got, want, encoded)
		}
		parsed, err := ParseMessage(encoded)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if parsed.Act != m.Act || len(parsed.ApprovedBy) != 2 || parsed.ApprovedBy[0].Stage != workflow.RoleOwner || parsed.ApprovedBy[0].Person.ID != olga.ID {
			t.Errorf("%s: read as %+v", name, parsed)
		}
	}
}

func TestAMessageInAnotherFormIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                    "",
		"a subject only":           "Hello\n",
		"no trailers":              "Hello\n\nThis is a text.\n",
		"an unknown trailer":       strings.Replace(fullText, "Tenure-Renderer: 1", "Signed-off-by: x", 1),
		"another order":            strings.Replace(strings.Replace(fullText, "Tenure-Request: 42\n", "", 1), "Tenure-Renderer: 1\n", "Tenure-Renderer: 1\nTenure-Request: 42\n", 1),
		"an act twice":             strings.Replace(fullText, "Tenure-Act: grant\n", "Tenure-Act: grant\nTenure-Act: init\n", 1),
		"a trailer in the body":    strings.Replace(fullText, "Its quota", "Tenure-Request: 43\nIts quota", 1),
		"in another case":          strings.Replace(fullText, "Its quota", "tenure-request: 43\nIts quota", 1),
		"a continuation":           strings.Replace(fullText, "Tenure-Renderer: 1", "Tenure-Renderer: 1\n more", 1),
		"a space at the end":       strings.Replace(fullText, "Tenure-Renderer: 1", "Tenure-Renderer: 1 ", 1),
		"no last line break":       strings.TrimSuffix(fullText, "\n"),
		"a text after it":          fullText + "\nMore.\n",
		"a request with a sign":    strings.Replace(fullText, "Tenure-Request: 42", "Tenure-Request: +42", 1),
		"a request with a zero":    strings.Replace(fullText, "Tenure-Request: 42", "Tenure-Request: 042", 1),
		"a negative request":       strings.Replace(fullText, "Tenure-Request: 42", "Tenure-Request: -42", 1),
		"a local time":             strings.Replace(fullText, "089Z", "089+02:00", 1),
		"a person who is a name":   strings.Replace(fullText, dana.ID.String(), "dana@example.com", 1),
		"an id in upper case":      strings.Replace(fullText, "aaaaaaaa-0000-4000-8000-000000000001", "AAAAAAAA-0000-4000-8000-000000000001", 1),
		"an approval with no role": strings.Replace(fullText, "; stage=owner", "", 1),
		"a stage of nobody":        strings.Replace(fullText, "security=2", "security=0", 1),
		"a short digest":           strings.Replace(fullText, "sha256:ab", "sha256:", 1),
		"a carriage return":        strings.ReplaceAll(fullText, "\n", "\r\n"),
		"an end with a sign":       strings.Replace(fullText, "Ends: 61", "Ends: +61", 1),
		"an end of nothing":        strings.Replace(fullText, "Ends: 61", "Ends: 0", 1),
		"an end of two":            strings.Replace(fullText, "Ends: 61", "Ends: 61 62", 1),
		"far too long":             strings.Replace(fullText, "One namespace", strings.Repeat("x", maxMessage), 1),
	} {
		if m, err := ParseMessage(text); err == nil {
			t.Errorf("%s: read as %+v", name, m)
		}
	}
}

func TestAMessageThatCannotBeProvedIsNotWritten(t *testing.T) {
	for name, spoil := range map[string]func(*workflow.CommitMessage){
		"no subject":        func(m *workflow.CommitMessage) { m.Subject = "\n" },
		"no act":            func(m *workflow.CommitMessage) { m.Act = "" },
		"an act with lines": func(m *workflow.CommitMessage) { m.Act = "grant\nTenure-Request: 1" },
		"a person of none":  func(m *workflow.CommitMessage) { m.RequestedBy.ID.Object = "dana" },
		"a strange stage":   func(m *workflow.CommitMessage) { m.ApprovedBy[0].Stage = "owner; name=x" },
		"an odd renderer":   func(m *workflow.CommitMessage) { m.Renderer = "1\n2" },
		"an odd digest":     func(m *workflow.CommitMessage) { m.Plan = "md5:0" },
		"an odd restore":    func(m *workflow.CommitMessage) { m.Restores = "HEAD" },
		"an odd audit head": func(m *workflow.CommitMessage) { m.AuditHead = "x" },
		"a negative number": func(m *workflow.CommitMessage) { m.Request = -1 },
		"a negative end":    func(m *workflow.CommitMessage) { m.Ends = -1 },
		"a stage of nobody": func(m *workflow.CommitMessage) { m.Stages[0].Needed = 0 },
	} {
		m := fullMessage()
		spoil(&m)
		if text, err := EncodeMessage(m); err == nil {
			t.Errorf("%s: written as %q", name, text)
		}
	}
}

// FuzzParseMessage: whatever is read is written again as it was, and a body
// holds nothing that looks like a trailer.
func FuzzParseMessage(f *testing.F) {
	f.Add(fullText)
	f.Add("a\n\nTenure-Act: init\n")
	f.Add("a\n\n| Tenure-Act: x\n\nTenure-Act: init\n")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMessage(text)
		if err != nil {
			return
		}
		again, err := EncodeMessage(m)
		if err != nil || again != text {
			t.Fatalf("%q was read and is written as %q (%v)", text, again, err)
		}
		for line := range strings.SplitSeq(m.Body, "\n") {
			if strings.HasPrefix(strings.ToLower(line), "tenure-") {
				t.Fatalf("the body holds %q", line)
			}
		}
	})
}

// FuzzEncodeMessage: whatever people type, the message is read back with the
// same facts.
func FuzzEncodeMessage(f *testing.F) {
	f.Add("subject", "body", "name")
	f.Add("s", "a\n\nTenure-Act: init", "x\nTenure-Request: 1")
	f.Add("s\n\n", "tenure-x: y\r\n\r\n", "; stage=admin; name=")
	f.Fuzz(func(t *testing.T, subject, body, name string) {
		m := fullMessage()
		m.Subject, m.Body, m.RequestedBy.Name, m.ApprovedBy[1].Person.Name = subject, body, name, name
		text, err := EncodeMessage(m)
		if err != nil {
			return // no subject is left, or it is too long
		}
		parsed, err := ParseMessage(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := fullMessage()
		want.Subject, want.Body, want.RequestedBy.Name, want.ApprovedBy[1].Person.Name = parsed.Subject, parsed.Body, parsed.RequestedBy.Name, parsed.ApprovedBy[1].Person.Name
		if diff := cmp.Diff(want, parsed); diff != "" {
			t.Fatal(diff)
		}
	})
}
