package store_test

import (
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestADraftIsOnePersonsAndTakesThePlaceOfTheirEarlierOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db database) {
		s := db.migrated(t)
		save := func(by workflow.Person, kind workflow.Kind, name string, at time.Time) {
			t.Helper()
			err := s.SaveFormDraft(t.Context(), by.ID, workflow.FormDraft{Kind: kind, Values: map[string][]string{"name": {name}}, SavedAt: at})
			if err != nil {
				t.Fatal(err)
			}
		}
		has := func(what string, by workflow.Person, want ...string) {
			t.Helper()
			drafts, err := s.FormDrafts(t.Context(), by.ID)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range drafts {
				got = append(got, string(d.Kind)+" "+d.Values["name"][0]+" "+d.SavedAt.Format(time.Kitchen))
			}
			same(t, what, want, got)
		}
		save(olga, workflow.KindNamespace, "a", asked)
		save(olga, workflow.KindQuota, "b", asked.Add(time.Hour))
		save(sam, workflow.KindQuota, "c", asked)
		save(olga, workflow.KindNamespace, "a2", asked.Add(2*time.Hour))
		at := func(hours int) string { return asked.Add(time.Duration(hours) * time.Hour).UTC().Format(time.Kitchen) }
		has("Olga's", olga, "namespace a2 "+at(2), "quota b "+at(1))
		has("Sam's", sam, "quota c "+at(0))

		if err := s.DiscardFormDraft(t.Context(), olga.ID, workflow.KindQuota); err != nil {
			t.Fatal(err)
		}
		has("Olga's after she discarded one", olga, "namespace a2 "+at(2))
		has("Sam's after that", sam, "quota c "+at(0))
		if err := s.DiscardFormDraft(t.Context(), olga.ID, workflow.KindQuota); err != nil {
			t.Errorf("one that there is not: %v", err)
		}
		if n, err := s.DeleteFormDraftsBefore(t.Context(), asked.Add(time.Hour)); err != nil || n != 1 {
			t.Errorf("%d old ones went, %v", n, err)
		}
		has("Sam's after the old ones went", sam)
		has("Olga's after the old ones went", olga, "namespace a2 "+at(2))
	})
}
