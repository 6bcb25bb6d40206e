package handlers

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/net/html"

	"tenure.dev/workflow"
)

const (
	ordersOwners  = "c1c1c1c1-0000-4000-8000-0000000000c1"
	ordersMembers = "c2c2c2c2-0000-4000-8000-0000000000c2"
)

var (
	// nina leads a team that has no tenant yet.
	nina = workflow.Actor{Person: person("aaaaaaaa-0000-4000-8000-000000000010", "Nina Newcomer", "nina@contoso.example"), Groups: []string{ordersOwners}}
	ada  = workflow.Actor{Person: person("aaaaaaaa-0000-4000-8000-000000000008", "Ada Admin", "ada@contoso.example"), Roles: []workflow.Role{workflow.RoleAdmin}}
)

// named is a directory of groups by object id.
type named map[string]string

func (named) People(context.Context, string) ([]workflow.Account, bool, error) {
	return []workflow.Account{{ID: nina.ID, Name: nina.Name, User: nina.Username}}, true, nil
}

func (n named) Groups(_ context.Context, text string) ([]workflow.DirectoryGroup, error) {
	if text == "away" {
		return nil, errors.New("the directory is away")
	}
	var found []workflow.DirectoryGroup
	for _, id := range slices.Sorted(maps.Keys(n)) {
		if id == text || strings.HasPrefix(n[id], text) {
			found = append(found, workflow.DirectoryGroup{ID: id, Name: n[id]})
		}
	}
	return found, nil
}

// tenantsOf is the real service over these tenants and a directory.
func tenantsOf(tenancies ...workflow.Tenancy) *workflow.Service {
	service := withOpen()
	state := &workflow.ApprovedState{Commit: baseCommit, Policy: policy(), Tenancies: map[string]workflow.Tenancy{}}
	for _, tenancy := range tenancies {
		state.Tenancies[tenancy.Name] = tenancy
	}
	service.Repository = approved{state: state}
	service.Accounts = named{
		ordersOwners: "orders-owners", ordersMembers: "orders-members", "c3c3c3c3-0000-4000-8000-0000000000c3": "orders-twin", "c4c4c4c4-0000-4000-8000-0000000000c4": "orders-twin",
		olga.Groups[0]: "payments-owners", dana.Groups[0]: "payments-members",
	}
	return service
}

// whole is payments with everything that a tenant has beside namespaces.
func whole() workflow.Tenancy {
	tenancy := payments()
	tenancy.Contact, tenancy.CostCentre, tenancy.Request = "payments@contoso.example", "CC-1", 7
	tenancy.Repositories = []string{"https://git.contoso.example/payments/deploy"}
	return tenancy
}

// filledTenant is the form for a new tenant as the page sends it.
func filledTenant(changes url.Values) url.Values {
	form := url.Values{
		"kind": {"tenant"}, "tenant": {"orders"}, "displayName": {"Orders"}, "owners": {ordersOwners}, "members": {ordersMembers},
		"contact": {"orders@contoso.example"}, "costCentre": {"CC-4711"}, "cpu": {"16"}, "memory": {"64Gi"}, "storage": {"500Gi"}, "namespaces": {"6"},
		"clusters": {"weu-1", "neu-1"}, "repositories": {"https://git.contoso.example/orders/deploy\r\n\r\nhttps://git.contoso.example/orders/more "},
		"reason": {"The order service moves here."},
	}
	maps.Copy(form, changes)
	return form
}

func wantedTenant() workflow.TenantChange {
	return workflow.TenantChange{
		DisplayName: "Orders", Owners: ordersOwners, Members: ordersMembers, Contact: "orders@contoso.example", CostCentre: "CC-4711",
		CPU: "16", Memory: "64Gi", Storage: "500Gi", Namespaces: "6", Clusters: []string{"weu-1", "neu-1"},
		Repositories: []string{"https://git.contoso.example/orders/deploy", "https://git.contoso.example/orders/more"}, Reason: "The order service moves here.",
	}
}

func TestATenantIsHandedToTheDomainAsTyped(t *testing.T) {
	for name, test := range map[string]struct {
		typed  url.Values
		people workflow.People
		change func(*workflow.TenantChange)
	}{
		"a new one":            {nil, workflow.People{}, func(*workflow.TenantChange) {}},
		"one that there is":    {url.Values{"existing": {"yes"}}, workflow.People{}, func(c *workflow.TenantChange) { c.Existing = true }},
		"clusters in one line": {url.Values{"clusters": {"weu-1 neu-1 weu-1"}}, workflow.People{}, func(*workflow.TenantChange) {}},
		"a group by its whole name": {url.Values{"owners": {"Orders-Owners"}},
			workflow.People{Known: true, Groups: []workflow.DirectoryGroup{{ID: ordersOwners, Name: "orders-owners"}, {ID: ordersMembers, Name: "orders-owners-2"}}},
			func(*workflow.TenantChange) {}},
		"a group that was picked": {url.Values{"owners": {"orders"}, "owners.pick": {ordersOwners}}, workflow.People{}, func(*workflow.TenantChange) {}},
		"a name of two groups": {url.Values{"owners": {"orders"}},
			workflow.People{Known: true, Groups: []workflow.DirectoryGroup{{ID: ordersOwners, Name: "orders"}, {ID: ordersMembers, Name: "orders"}}},
			func(c *workflow.TenantChange) { c.Owners = "orders" }},
	} {
		service := furnished()
		service.people = test.people
		if got := post(t, portal(service, nina), "/requests", filledTenant(test.typed)); got.status != http.StatusSeeOther {
			t.Fatalf("%s: status %d", name, got.status)
		}
		want := wantedTenant()
		test.change(&want)
		if diff := cmp.Diff(workflow.Draft{Tenant: "orders", Change: want}, service.draft, cmpopts.IgnoreUnexported(want)); diff != "" {
			t.Errorf("%s: draft (-want +got):\n%s", name, diff)
		}
	}
}

func TestEverythingWrongWithATenantStandsBesideItsField(t *testing.T) {
	wrong := url.Values{
		"tenant": {"Orders!"}, "displayName": {"\u202eOrders"}, "owners": {"orders-o"}, "members": {"nobody"}, "contact": {"ftp://x"}, "costCentre": {""},
		"cpu": {"many"}, "memory": {"64 GB"}, "storage": {"-1"}, "namespaces": {"0"}, "clusters": {"moon"},
		"repositories": {"http://one\nhttps://git.contoso.example/fine\nhttp://two"}, "reason": {""},
	}
	got := post(t, portal(tenantsOf(whole()), nina), "/requests", filledTenant(wrong))
	if got.status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d: %s", got.status, heading(got))
	}
	for field, want := range map[string]string{
		"tenant": "", "displayName": "", "owners": "Pick one of these", "members": "no group whose name begins like this", "contact": "", "costCentre": "",
		"cpu": "", "memory": "64Gi", "storage": "", "namespaces": "from 1 to", "clusters": "moon", "repositories": "", "reason": "",
	} {
		if said := text(byID(got.page, field+"-problem")); said == "" || !strings.Contains(said, want) {
			t.Errorf("%s: it says %q, want %q in it", field, said, want)
		}
		if byID(got.page, field) == nil {
			t.Errorf("nothing that the summary could lead to for %s", field)
		}
	}
	if said := text(byID(got.page, "repositories-problem")); !strings.Contains(said, "http://one") || !strings.Contains(said, "http://two") {
		t.Errorf("not every repository is named: %q", said)
	}
	kept := formValues(got.page)
	for field, want := range map[string]string{"tenant": "Orders!", "owners": "orders-o", "clusters": "moon", "memory": "64 GB"} {
		if kept[field] != want {
			t.Errorf("%s: %q is in the form, want %q", field, kept[field], want)
		}
	}
}

func TestWhileSomebodyTypesAGroupItIsFoundByItsName(t *testing.T) {
	const gone = "There is no plan yet. Still needed: owners' group."
	for name, test := range map[string]struct {
		typed           string
		found, problem  string
		picks           []string
		status, summary string
	}{
		"its object id":           {ordersOwners, "orders-owners", "", nil, "This is the plan", `"orders-owners"`},
		"its whole name":          {"orders-owners", "orders-owners (" + ordersOwners + ")", "", nil, "This is the plan", `"orders-owners"`},
		"the beginning of a name": {"orders-", "", "", []string{ordersOwners, ordersMembers, "c3c3c3c3-0000-4000-8000-0000000000c3", "c4c4c4c4-0000-4000-8000-0000000000c4"}, gone, ""},
		"a name of two groups":    {"orders-twin", "2 groups have this name", "", []string{"c3c3c3c3-0000-4000-8000-0000000000c3", "c4c4c4c4-0000-4000-8000-0000000000c4"}, gone, ""},
		"nothing":                 {"", "", "", []string{ordersOwners, ordersMembers, "c3c3c3c3-0000-4000-8000-0000000000c3", "c4c4c4c4-0000-4000-8000-0000000000c4"}, gone, ""},
		"no group's name":         {"nobody", "", "no group whose name begins like this", nil, "There is no plan yet. Look at: owners' group.", ""},
		"an id with a slip":       {ordersOwners[:35], "", "not a whole object id", nil, "There is no plan yet. Look at: owners' group.", ""},
		"the directory is away":   {"away", "The directory does not answer", "not an object id", nil, "There is no plan yet. Look at: owners' group.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			page := fragmentAs(t, tenantsOf(whole()), nina, filledTenant(url.Values{"owners": {test.typed}})).page
			found := byID(page, "owners-found")
			if attribute(found, "hx-swap-oob") != "true" || !strings.Contains(text(found), test.found) {
				t.Errorf("found: %q, want %q", text(found), test.found)
			}
			var picks []string
			for n := range found.Descendants() {
				if attribute(n, "data-fill") == "owners" {
					picks = append(picks, attribute(n, "data-value"))
				}
			}
			if diff := cmp.Diff(test.picks, picks); diff != "" {
				t.Errorf("picks (-want +got):\n%s", diff)
			}
			if said := text(byID(page, "owners-problem")); (said == "") != (test.problem == "") || !strings.Contains(said, test.problem) {
				t.Errorf("problem %q, want %q", said, test.problem)
			}
			if status := text(byID(page, "plan-status")); !strings.HasPrefix(status, test.status) {
				t.Errorf("status %q, want %q", status, test.status)
			}
			if !strings.Contains(text(page), test.summary) {
				t.Errorf("the plan does not say %q", test.summary)
			}
		})
	}
}

func TestHowAGroupCanBeNamedDependsOnTheDirectory(t *testing.T) {
	service := tenantsOf()
	service.Accounts = nil
	got := get(t, portal(service, nina), newTenantPath+"?tenant=orders")
	if hint := text(byID(got.page, "owners-hint")); got.status != http.StatusOK || strings.Contains(hint, "name") || text(byID(got.page, "owners-found")) != "" {
		t.Errorf("status %d, hint %q, found %q", got.status, hint, text(byID(got.page, "owners-found")))
	}
	picks := post(t, portal(tenantsOf(), nina), "/requests/preview", filledTenant(url.Values{"owners": {""}, "members": {""}, "tenant": {"shop"}, "displayName": {""}}))
	if said := text(byID(picks.page, "owners-problem")); !strings.Contains(said, "beginning of its name") {
		t.Errorf("with a directory it says %q", said)
	}
	picks = post(t, portal(tenantsOf(), nina), "/requests/preview", filledTenant(url.Values{"owners": {""}}))
	radio := find(byID(picks.page, "owners-found"), func(n *html.Node) bool {
		return attribute(n, "type") == "radio" && attribute(n, "value") == ordersOwners
	})
	if said := text(byID(picks.page, "owners-problem")); !strings.Contains(said, "Pick one of these") || attribute(radio, "name") != "owners.pick" {
		t.Errorf("where there are groups to pick from, it says %q, and offers %q", said, attribute(radio, "name"))
	}
	if got := post(t, portal(service, nina), "/requests/preview", filledTenant(url.Values{"owners": {"orders-owners"}})); !strings.Contains(text(byID(got.page, "owners-problem")), "not an object id") {
		t.Errorf("it says %q", text(byID(got.page, "owners-problem")))
	}
}

func TestALinkToATenantFillsTheFormInWithWhatItHas(t *testing.T) {
	want := map[string]string{
		"kind": "tenant", "tenant": "payments", "existing": "yes", "displayName": "Payments", "owners": olga.Groups[0], "members": dana.Groups[0],
		"contact": "payments@contoso.example", "costCentre": "CC-1", "cpu": "64", "memory": "256Gi", "storage": "2Ti", "namespaces": "20",
		"clusters": "weu-1", "repositories": "https://git.contoso.example/payments/deploy", "reason": "",
	}
	for name, actor := range map[string]workflow.Actor{"one of its own": dana, "an admin": ada} {
		got := get(t, portal(tenantsOf(whole()), actor), changeTenantHref("payments"))
		values := formValues(got.page)
		if heading(got) != "Request a change of tenant payments" || !strings.Contains(text(byID(got.page, "plan-status")), "Change one thing") {
			t.Errorf("%s: %q, %q", name, heading(got), text(byID(got.page, "plan-status")))
		}
		if got := boxes(got.page, "clusters"); !slices.Equal(got, []string{"neu-1", "weu-1"}) {
			t.Errorf("%s: clusters %q", name, got)
		}
		for field := range want {
			if values[field] != want[field] {
				t.Errorf("%s: %s is %q, want %q", name, field, values[field], want[field])
			}
		}
	}
	without := get(t, portal(tenantsOf(whole()), dana), changeTenantHref("payments")+"&existing=yes&displayName=Payments&owners="+olga.Groups[0]+"&clusters=weu-1")
	if values := formValues(without.page); values["repositories"] != "" || values["displayName"] != "Payments" {
		t.Errorf("what was cleared came back: %v", values)
	}
	stranger := get(t, portal(tenantsOf(whole()), nina), changeTenantHref("payments"))
	if values := formValues(stranger.page); values["displayName"] != "" || values["existing"] != "" || strings.Contains(stranger.body, "CC-1") {
		t.Errorf("a stranger sees %v", values)
	}
	if said := text(byID(stranger.page, "tenant-problem")); !strings.Contains(said, "taken") {
		t.Errorf("a stranger is told %q", said)
	}
}

// boxes are the values of the boxes of a name that are ticked.
func boxes(page *html.Node, name string) (ticked []string) {
	for n := range page.Descendants() {
		if n.Data == "input" && attribute(n, "name") == name && strings.Contains(attributes(n), "checked") {
			ticked = append(ticked, attribute(n, "value"))
		}
	}
	return ticked
}

func TestAChangeOfATenantSaysWhatIsGivenAndWhatBecomesOfTheCeiling(t *testing.T) {
	form := url.Values{"existing": {"yes"}, "tenant": {"payments"}, "displayName": {"Payments"}, "owners": {olga.Groups[0]}, "members": {dana.Groups[0]},
		"cpu": {"128"}, "memory": {"256Gi"}, "storage": {"2Ti"}, "namespaces": {"20"}, "repositories": {""}}
	page := fragmentAs(t, tenantsOf(whole()), dana, filledTenant(form)).page
	if got := bar(page, "cpu"); got != "given 10, now 64, asked 128" || attribute(byID(page, "cpu-bar"), "hx-swap-oob") != "true" {
		t.Errorf("CPU: %q", got)
	}
	want := "|Given|Ceiling now|Asked|CPU|10|64|128|Memory|40Gi|256Gi|256Gi|Storage|120Gi|2Ti|2Ti|Namespaces|2|20|20"
	if got := cells(page, "ceilings"); got != want {
		t.Errorf("the table says %q, want %q", got, want)
	}
	// Working out ten to the power of that takes longer than a test may run.
	endless := fragmentAs(t, tenantsOf(whole()), dana, filledTenant(url.Values{"existing": {"yes"}, "tenant": {"payments"}, "cpu": {"1e-999999999"}})).page
	if got := bar(endless, "cpu"); strings.Contains(got, "asked") || text(byID(endless, "cpu-problem")) == "" {
		t.Errorf("an amount that is next to nothing: %q", got)
	}
	below := fragmentAs(t, tenantsOf(whole()), dana, filledTenant(url.Values{"existing": {"yes"}, "tenant": {"payments"}, "cpu": {"4"}})).page
	if said := text(byID(below, "cpu-problem")); !strings.Contains(said, "10") {
		t.Errorf("below what is given, it says %q", said)
	}
}

// cells are those of a table with this style class.
func cells(page *html.Node, class string) string {
	table := find(page, func(n *html.Node) bool { return n.Data == "table" && strings.Contains(attribute(n, "class"), class) })
	var texts []string
	for n := range table.Descendants() {
		if n.Data == "td" || n.Data == "th" {
			texts = append(texts, text(n))
		}
	}
	return strings.Join(texts, "|")
}

func TestTheTableOfANewTenantsCeilingHasWhatIsAsked(t *testing.T) {
	page := fragmentAs(t, tenantsOf(whole()), nina, filledTenant(nil)).page
	if got, want := cells(page, "ceilings"), "|Asked|CPU|16|Memory|64Gi|Storage|500Gi|Namespaces|6"; got != want {
		t.Errorf("the table says %q, want %q", got, want)
	}
	if strings.Contains(text(page), "Your tenant afterwards") {
		t.Error("the ceiling is drawn as bars, too")
	}
}
