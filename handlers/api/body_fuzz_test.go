package api

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzDraft reads whatever may be sent as a draft. What is refused is refused with
// a status of the document; what is read says the same when it is written again.
func FuzzDraft(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"namespace","tenant":"payments","change":{"name":"a","cluster":"b","environment":"c","size":"d","podSecurity":"baseline","purpose":"e"}}`,
		`{"kind":"quota","tenant":"p","change":{"cpu":"1","objects":{"services":"5"},"until":"2027-01-01","confirmed":true}}`,
		`{"kind":"removal","tenant":"p","change":{"exception":7}}`, `{"kind":"access","tenant":"p","change":{"subject":"group","role":"edit","found":{}}}`,
		`{"kind":"exemption","change":{"selector":"a=b","selector":"c=d"}}`, `{"Kind":"network"}`, `{"kind":1}`, `null`, `[]`, `{`, "\xff", `{"change":null,"kind":"network"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var body Draft
		err := decode(data, &body, "")
		if err == nil {
			_, err = body.read()
		}
		if err != nil {
			var refused refusal
			if !errors.As(err, &refused) || (refused.status != 400 && refused.status != 422) || refused.detail == "" {
				t.Fatalf("%q is answered by %v", data, err)
			}
			return
		}
		draft, err := body.read()
		if err != nil {
			t.Fatal(err)
		}
		written, err := json.Marshal(draft.Change)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Draft{Kind: body.Kind, Tenant: body.Tenant, Change: written}.read()
		if err != nil {
			t.Fatalf("%q, written %q: %v", data, written, err)
		}
		rewritten, err := json.Marshal(again.Change)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(written), string(rewritten)); diff != "" {
			t.Fatalf("%q says something else when it is written again:\n%s", data, diff)
		}
	})
}
