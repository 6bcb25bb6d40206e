package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

// filledAccess is the form for access as the page sends it, with what was typed
// for every subject.
func filledAccess(changes url.Values) url.Values {
	form := url.Values{
		"kind": {"access"}, "namespace": {"payments/weu-1/payments-batch-dev"}, "subject": {"person"}, "person": {olga.ID.Object},
		"group": {"77de0000-0000-4000-8000-000000000001"}, "role": {"view"}, "until": {""}, "reason": {"On call."},
	}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

func TestAccessIsHandedToTheDomainWithTheChosenSubjectOnly(t *testing.T) {
	for subject, add := range map[workflow.SubjectChoice]func(*workflow.AccessChange){
		workflow.SubjectMembers: func(*workflow.AccessChange) {},
		workflow.SubjectOwners:  func(*workflow.AccessChange) {},
		workflow.SubjectGroup:   func(a *workflow.AccessChange) { a.Group = "77de0000-0000-4000-8000-000000000001" },
		workflow.SubjectPerson:  func(a *workflow.AccessChange) { a.Person = olga.ID.Object },
	} {
		service := furnished()
		if got := post(t, portal(service, dana), "/requests", filledAccess(url.Values{"subject": {string(subject)}})); got.status != http.StatusSeeOther {
			t.Fatalf("%s: status %d", subject, got.status)
		}
		want := workflow.AccessChange{Cluster: "weu-1", Namespace: "payments-batch-dev", Subject: subject, Role: workflow.AccessView, Reason: "On call."}
		add(&want)
		if diff := cmp.Diff(workflow.Draft{Tenant: "payments", Change: want}, service.draft, cmpopts.IgnoreUnexported(want)); diff != "" {
			t.Errorf("%s: draft (-want +got):\n%s", subject, diff)
		}
	}
}

func TestTheFormForAccessOffersTheTenantsPeople(t *testing.T) {
	page := get(t, portal(withGrants(), dana), newAccessPath+"?namespace=payments-batch-dev").page
	var people []string
	for n := range byID(page, "person").Descendants() {
		if n.Data == "option" {
			people = append(people, attribute(n, "value")+" "+text(n))
		}
	}
	want := []string{" Choose…", dana.ID.Object + " Dana Developer (dana@contoso.example)", olga.ID.Object + " Olga Owner (olga@contoso.example)"}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	if suggested := text(byID(page, "group-suggestions")); suggested != "payments-oncall" {
		t.Errorf("groups: %q", suggested)
	}
	for field, want := range map[string]string{"subject": "members", "role": "view", "until": ""} {
		if got := formValues(page)[field]; got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
}

func TestWhoCannotBeLookedUpCannotBeChosenAndWhyIsSaid(t *testing.T) {
	away := furnished()
	away.away = errors.New("no answer")
	for name, test := range map[string]struct {
		service  Service
		says     string
		disabled bool
	}{
		"without a directory":               {withOpen(), "Tenure was not given access to the directory.", true},
		"with one that does not answer":     {away, "The directory does not answer at the moment", false},
		"with one that answers (no excuse)": {withGrants(), "A member or owner of the tenant.", false},
	} {
		got := get(t, portal(test.service, dana), newAccessPath+"?namespace=payments-batch-dev")
		input := find(got.page, func(n *html.Node) bool { return attribute(n, "name") == "subject" && attribute(n, "value") == "person" })
		if strings.Contains(attributes(input), "disabled") != test.disabled || !strings.Contains(text(got.page), test.says) {
			t.Errorf("%s: disabled %v; it does not say %q", name, !test.disabled, test.says)
		}
		if got.status != http.StatusOK {
			t.Errorf("%s: status %d", name, got.status)
		}
	}
}

func TestTheFormForAccessSaysWhatThePolicyAllowsWithoutAnEnd(t *testing.T) {
	for name, test := range map[string]struct {
		standing []workflow.AccessRole
		link     string
		hint     string
		until    string
	}{
		"every role":               {nil, "&role=admin", "Left empty, it is standing", ""},
		"some, and this is one":    {[]workflow.AccessRole{workflow.AccessView, workflow.AccessEdit}, "&role=edit", "That is possible for view and edit.", ""},
		"some, and this is not":    {[]workflow.AccessRole{workflow.AccessView, workflow.AccessEdit}, "&role=admin", "That is possible for view and edit.", "2026-12-21"},
		"none: an end is proposed": {[]workflow.AccessRole{"none"}, "", "At most 30 days", "2026-12-21"},
	} {
		service := furnished()
		service.choices.Policy.Requests.Access.Standing = test.standing
		page := get(t, portal(service, dana), newAccessPath+"?namespace=payments-batch-dev"+test.link).page
		if hint := text(byID(page, "until-hint")); !strings.Contains(hint, test.hint) || formValues(page)["until"] != test.until {
			t.Errorf("%s: hint %q, until %q", name, hint, formValues(page)["until"])
		}
	}
}

func TestThePlanOfAccessSaysWhatIsGained(t *testing.T) {
	got := get(t, portal(withGrants(), dana), newAccessPath+"?"+filledAccess(url.Values{"reason": nil}).Encode())
	plan := text(byID(got.page, "plan"))
	for _, part := range []string{"Gives Olga Owner (olga@contoso.example) the role view in payments-batch-dev", "With it they may", "Still needed: reason."} {
		if !strings.Contains(plan, part) {
			t.Errorf("the plan does not say %q: %q", part, plan)
		}
	}
}
