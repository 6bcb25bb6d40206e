package workflow_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// accounts is a directory in which people and groups can be looked up.
type accounts struct {
	people map[string][]workflow.Account // by group
	names  map[string]string             // of groups
	err    error
}

func (a accounts) People(_ context.Context, group string) ([]workflow.Account, bool, error) {
	people, known := a.people[group]
	return people, known, a.err
}

func (a accounts) Groups(_ context.Context, text string) ([]workflow.DirectoryGroup, error) {
	var found []workflow.DirectoryGroup
	for _, id := range slices.Sorted(maps.Keys(a.names)) {
		if id == text || strings.HasPrefix(a.names[id], text) {
			found = append(found, workflow.DirectoryGroup{ID: id, Name: a.names[id]})
		}
	}
	return found, a.err
}

func account(of workflow.Actor, user string) workflow.Account {
	return workflow.Account{ID: of.ID, Name: of.Name, User: user}
}

// The groups beside those of the tenants: one of people of payments, one with a
// stranger, one with nobody.
var (
	oncall, mixed, empty = group(21), group(22), group(23)
	danaAccount          = account(dana, "dana@contoso.example")
	oscarAccount         = account(oscar, "oscar@contoso.example")
)

// known is a directory that knows the people of payments and logistics.
func known() accounts {
	return accounts{
		people: map[string][]workflow.Account{
			group(1): {account(olivia, "olivia@contoso.example"), oscarAccount}, group(2): {danaAccount, oscarAccount},
			group(3): {account(lena, "lena@contoso.example")}, group(4): {account(liam, "liam@contoso.example"), danaAccount},
			oncall: {danaAccount}, mixed: {danaAccount, account(liam, "liam@contoso.example")}, empty: nil,
		},
		names: map[string]string{oncall: "payments-oncall", mixed: "shop-friends"},
	}
}

// lookingUp plans with a directory of people.
func lookingUp(directory workflow.Accounts) workflow.Planner {
	p := planner()
	p.Accounts = directory
	return p
}

// accessFor is a change that nothing is wrong with: the members may view what
// they may edit already.
func accessFor(change func(*workflow.AccessChange)) workflow.AccessChange {
	c := workflow.AccessChange{
		Cluster: "weu-1", Namespace: "payments-api", Subject: workflow.SubjectMembers, Role: workflow.AccessView, Reason: "To look at it.",
	}
	if change != nil {
		change(&c)
	}
	return c
}

// forGroup asks for access for a group, forPerson for somebody, until a day.
func forGroup(id string, more func(*workflow.AccessChange)) workflow.AccessChange {
	return accessFor(func(c *workflow.AccessChange) {
		c.Subject, c.Group, c.Role = workflow.SubjectGroup, id, workflow.AccessEdit
		if more != nil {
			more(c)
		}
	})
}

func forPerson(id string, more func(*workflow.AccessChange)) workflow.AccessChange {
	return accessFor(func(c *workflow.AccessChange) {
		c.Subject, c.Person, c.Role, c.Until = workflow.SubjectPerson, id, workflow.AccessAdmin, "2026-03-10"
		if more != nil {
			more(c)
		}
	})
}

func TestEverythingWrongInARequestForAccessIsSaidBesideItsField(t *testing.T) {
	type said = map[string]string
	until := func(text string) workflow.AccessChange {
		return accessFor(func(c *workflow.AccessChange) { c.Until = text })
	}
	const own = "Access is for the tenant's own people; choose one of them, or a group that has nobody else."
	for what, test := range map[string]struct {
		change workflow.AccessChange
		want   said
	}{
		"nothing":                    {accessFor(nil), nil},
		"nothing for the owners":     {accessFor(func(c *workflow.AccessChange) { c.Subject = workflow.SubjectOwners }), nil},
		"nothing for a group":        {forGroup(" "+strings.ToUpper(oncall), nil), nil},
		"nothing for the own group":  {forGroup(group(2), func(c *workflow.AccessChange) { c.Role = workflow.AccessView }), nil},
		"nothing for a person":       {forPerson(dana.ID.Object, nil), nil},
		"nothing for an owner":       {forPerson(olivia.ID.Object, nil), nil},
		"nothing for good":           {forPerson(dana.ID.Object, func(c *workflow.AccessChange) { c.Until = " " }), nil},
		"no namespace":               {accessFor(func(c *workflow.AccessChange) { c.Namespace = "" }), said{"namespace": "Choose the namespace: payments-api or payments-shop."}},
		"another tenant's":           {accessFor(func(c *workflow.AccessChange) { c.Namespace = "logistics-db" }), said{"namespace": `payments has no namespace "logistics-db" on weu-1`}},
		"another cluster":            {accessFor(func(c *workflow.AccessChange) { c.Cluster = "mars-1" }), said{"namespace": `There is no cluster "mars-1"`}},
		"no subject":                 {accessFor(func(c *workflow.AccessChange) { c.Subject = "" }), said{"subject": "Choose the subject: group, members, owners or person."}},
		"another subject":            {accessFor(func(c *workflow.AccessChange) { c.Subject = "everybody" }), said{"subject": `There is no subject "everybody"`}},
		"no role":                    {accessFor(func(c *workflow.AccessChange) { c.Role = "" }), said{"role": "Choose the role: admin, edit or view."}},
		"the highest role":           {accessFor(func(c *workflow.AccessChange) { c.Role = "cluster-admin" }), said{"role": `There is no role "cluster-admin"; choose admin, edit or view.`}},
		"no group":                   {forGroup("", nil), said{"group": "An object id is needed"}},
		"the name of a group":        {forGroup("payments-oncall", nil), said{"group": "is not an object id"}},
		"a group that there is not":  {forGroup(group(99), nil), said{"group": "The directory has no group " + group(99) + "."}},
		"a group with nobody":        {forGroup(empty, nil), said{"group": "This group has nobody in it"}},
		"a group with a stranger":    {forGroup(mixed, nil), said{"group": "Somebody in this group is in none of payments's groups. " + own}},
		"another tenant's group":     {forGroup(group(4), nil), said{"group": "Somebody in this group is in none of payments's groups."}},
		"no person":                  {forPerson(" ", nil), said{"person": "An object id is needed"}},
		"the address of a person":    {forPerson("dana@contoso.example", nil), said{"person": "is a user name or an e-mail address"}},
		"nobody":                     {forPerson("00000000-0000-0000-0000-000000000000", nil), said{"person": "is the object id of nobody"}},
		"a person of another tenant": {forPerson(liam.ID.Object, nil), said{"person": liam.ID.Object + " is in none of payments's groups. " + own}},
		"the API server itself":      {forPerson(sam.ID.Object, nil), said{"person": "is in none of payments's groups"}},
		"a past end":                 {until("2026-03-02"), said{"until": "2026-03-02 has passed. Choose a day from 2026-03-03 to 2026-04-01."}},
		"too far off":                {until("2026-04-02"), said{"until": "is too far off: access with an end lasts at most 30 days."}},
		"no end at all":              {until("never"), said{"until": `"never" is neither a date`}},
		"no reason":                  {accessFor(func(c *workflow.AccessChange) { c.Reason = "" }), said{"reason": "Say in a sentence what the access is for."}},
		"what it has already":        {accessFor(func(c *workflow.AccessChange) { c.Role = workflow.AccessEdit }), said{"subject": "It has the role edit in payments-api already, without an end, since request 30."}},
		"what it has, for a time":    {accessFor(func(c *workflow.AccessChange) { c.Role, c.Until = workflow.AccessEdit, "2026-03-10" }), said{"subject": "It has the role edit in payments-api already, without an end"}},
		"what it has, as a group":    {forGroup(group(2), nil), said{"subject": "It has the role edit in payments-api already"}},
		"everything": {workflow.AccessChange{Cluster: "weu-1", Namespace: "x", Subject: "group", Group: "x", Until: "x"},
			said{"namespace": "", "group": "", "role": "", "until": "", "reason": ""}},
		"a stranger among others": {forPerson(liam.ID.Object, func(c *workflow.AccessChange) { c.Namespace, c.Role, c.Until, c.Reason = "x", "y", "2020-01-01", "" }),
			said{"person": "is in none of", "namespace": "no namespace", "role": "no role", "until": "has passed", "reason": "Say in a sentence"}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := lookingUp(known()).Plan(t.Context(), equipped(), asked(test.change))
			saidOnce(t, err, test.want)
		})
	}
}

// A group of another tenant's stays that tenant's, whoever is in it today.
func TestTheGroupOfAnotherTenantGetsNoAccessEvenWhileOnlyOwnPeopleAreInIt(t *testing.T) {
	directory := known()
	directory.people[group(4)] = []workflow.Account{danaAccount}
	_, err := lookingUp(directory).Plan(t.Context(), equipped(), asked(forGroup(group(4), nil)))
	saidOnce(t, err, map[string]string{"group": "It is a group of another tenant, whose people come and go without this one."})
	state := equipped()
	shared := state.Tenancies["payments"]
	shared.Members.Group = group(4) // both tenants have it
	state.Tenancies["payments"] = shared
	if _, err := lookingUp(directory).Plan(t.Context(), state, asked(forGroup(group(4), nil))); err != nil {
		t.Errorf("the tenant's own group is refused: %v", err)
	}
}

func TestWithoutADirectoryOnlyTheTenantsOwnGroupsCanHaveAccess(t *testing.T) {
	const nobody = "Nobody can be looked up here: Tenure was not given access to the directory. Choose the tenant's members or owners."
	for what, test := range map[string]struct {
		change workflow.AccessChange
		want   map[string]string
	}{
		"the members":           {accessFor(nil), nil},
		"the members, as group": {forGroup(group(2), func(c *workflow.AccessChange) { c.Role = workflow.AccessView }), nil},
		"a group":               {forGroup(oncall, nil), map[string]string{"group": nobody}},
		"a person":              {forPerson(dana.ID.Object, nil), map[string]string{"person": nobody}},
		"a person who is none":  {forPerson("dana", nil), map[string]string{"person": "is not an object id"}},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := lookingUp(nil).Plan(t.Context(), equipped(), asked(test.change))
			saidOnce(t, err, test.want)
		})
	}
}

func TestWhileTheDirectoryDoesNotAnswerNothingIsStored(t *testing.T) {
	w := newWorldOf(t, equipped().Tenancies["payments"], equipped().Tenancies["logistics"])
	away := known()
	away.err = errConnection
	w.service.Accounts = away
	for _, change := range []workflow.Change{forGroup(oncall, nil), forPerson(dana.ID.Object, nil)} {
		_, err := w.service.Submit(t.Context(), dana, asks(change))
		problem := refused(t, err, workflow.Unavailable)
		if !strings.Contains(problem.Message, "nothing was stored") || strings.Contains(problem.Message, errConnection.Error()) {
			t.Errorf("Dana reads %q", problem.Message)
		}
	}
	if _, err := w.service.Submit(t.Context(), dana, asks(accessFor(nil))); err != nil {
		t.Errorf("the members need no directory: %v", err)
	}
	requests, err := w.service.Store.Requests(t.Context(), workflow.RequestFilter{})
	if err != nil || len(requests) != 1 {
		t.Errorf("stored are %d requests, %v", len(requests), err)
	}
}

func TestTheUserNameOfAPersonIsTheDirectorysAndNeverWhatWasSent(t *testing.T) {
	sent := `{"cluster":"weu-1","namespace":"payments-api","subject":"person","person":"` + dana.ID.Object + `","role":"edit","reason":"x",
		"user":"system:admin","User":"system:admin","found":{"user":"system:admin","name":"Sam"},"name":"Sam"}`
	change, err := workflow.DecodeChange(workflow.KindAccess, []byte(sent))
	if err != nil {
		t.Fatal(err)
	}
	plan := planned(t, lookingUp(known()), equipped(), asked(change))
	want := workflow.Access{Person: dana.ID.Object, User: danaAccount.User, Role: workflow.AccessEdit, Request: 7}
	same(t, "the access", []workflow.Access{want}, given7(api(t, plan.After).Access))
	if plan.Summary[0] != "Gives Dana Developer (dana@contoso.example) the role edit in payments-api on weu-1, without an end." {
		t.Errorf("it says %q", plan.Summary[0])
	}
	stored, err := json.Marshal(change)
	if err != nil || strings.Contains(string(stored), "system:") {
		t.Errorf("stored is %s, %v", stored, err)
	}
}

// given7 picks what request 7 gave.
func given7(list []workflow.Access) []workflow.Access {
	return slices.DeleteFunc(slices.Clone(list), func(a workflow.Access) bool { return a.Request != 7 })
}

func TestAPersonWithoutAUserNameThatAClusterCanHaveGetsNoAccess(t *testing.T) {
	for user, want := range map[string]string{
		"":                                     "The directory has no user name of this person",
		"system:admin":                         `"system:admin" is not the user name of a person.`,
		"system:serviceaccount:argocd:gitops":  "is not the user name of a person",
		" dana@contoso.example":                "is not the user name of a person",
		"dana\u200b@contoso.example":           "is not the user name of a person",
		"dana\n@contoso.example":               "is not the user name of a person",
		strings.Repeat("d", 257):               "is not the user name of a person",
		"System:admin@contoso.example":         "",
		"dana_fabrikam.example#EXT#@x.example": "",
		"5f0c1b2a-0000-4000-8000-00000000000a": "",
	} {
		directory := known()
		directory.people[group(2)] = []workflow.Account{account(dana, user)}
		_, err := lookingUp(directory).Plan(t.Context(), equipped(), asked(forPerson(dana.ID.Object, nil)))
		wanted := map[string]string{"person": want}
		if want == "" {
			wanted = nil
		}
		saidOnce(t, err, wanted)
	}
}

// What the directory calls people and groups goes into sentences and commits.
func TestANameOfTheDirectorysThatReadsAsAnotherIsNotShown(t *testing.T) {
	for _, name := range []string{"Dana\nTenure-Act: init", "Dana\u202e", "D\u0430na", strings.Repeat("D", 300)} {
		directory := known()
		directory.people[group(2)] = []workflow.Account{{ID: dana.ID, Name: name, User: danaAccount.User}}
		directory.people[oncall] = directory.people[group(2)]
		directory.names = map[string]string{oncall: name}
		for change, want := range map[workflow.AccessChange]string{
			forPerson(dana.ID.Object, nil): "Gives dana@contoso.example the role admin", forGroup(oncall, nil): "Gives the group " + oncall + " the role edit",
		} {
			plan := planned(t, lookingUp(directory), equipped(), asked(change))
			if !strings.HasPrefix(plan.Summary[0], want) {
				t.Errorf("%q: it says %q, want %q", name, plan.Summary[0], want)
			}
		}
	}
}

func TestThePolicySaysWhichRolesAreGivenForGood(t *testing.T) {
	state := equipped()
	state.Policy.Requests.Access = workflow.AccessLimits{Standing: []workflow.AccessRole{workflow.AccessView}, MaxDuration: workflow.Duration(7 * 24 * time.Hour)}
	for name, test := range map[string]struct {
		change workflow.AccessChange
		want   map[string]string
	}{
		"a role that is":               {accessFor(nil), nil},
		"a role that is not":           {forGroup(oncall, nil), map[string]string{"until": "The role edit is given for a time only: choose an end, at most 7 days off."}},
		"a role that is not, for time": {forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-05" }), nil},
		"a role that there is not":     {forGroup(oncall, func(c *workflow.AccessChange) { c.Role = "root" }), map[string]string{"role": "There is no role"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lookingUp(known()).Plan(t.Context(), state, asked(test.change))
			saidOnce(t, err, test.want)
		})
	}
}

func TestAccessIsGivenBesideWhatThereIsOrInPlaceOfWhatEndsSooner(t *testing.T) {
	until := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	has := func(a workflow.Access) func(*workflow.Namespace) {
		a.Request = 50
		return func(n *workflow.Namespace) { n.Access = append(n.Access, a) }
	}
	onDuty := func(end time.Time) workflow.Access {
		return workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: end}
	}
	forTime := func(c *workflow.AccessChange) { c.Until = "2026-03-10" }
	for name, test := range map[string]struct {
		has    func(*workflow.Namespace)
		change workflow.AccessChange
		gives  workflow.Access
		closed bool // what request 50 gave
	}{
		"another role":            {has(onDuty(until)), forGroup(oncall, func(c *workflow.AccessChange) { c.Role = workflow.AccessAdmin }), workflow.Access{Group: oncall, Role: workflow.AccessAdmin}, false},
		"another group":           {has(onDuty(until)), accessFor(nil), workflow.Access{Group: group(2), Role: workflow.AccessView}, false},
		"a person beside a group": {has(workflow.Access{Group: dana.ID.Object, Role: workflow.AccessAdmin, Until: until}), forPerson(dana.ID.Object, nil), workflow.Access{Person: dana.ID.Object, User: danaAccount.User, Role: workflow.AccessAdmin, Until: until}, false},
		"a later end":             {has(onDuty(until.Add(-time.Second))), forGroup(oncall, forTime), onDuty(until), true},
		"for good":                {has(onDuty(until)), forGroup(oncall, nil), onDuty(time.Time{}), true},
		"after what is over":      {has(onDuty(noon.Add(-time.Hour))), forGroup(oncall, forTime), onDuty(until), true},
		"a person's new name":     {has(workflow.Access{Person: dana.ID.Object, User: "d@old.example", Role: workflow.AccessAdmin, Until: secondEnd}), forPerson(dana.ID.Object, nil), workflow.Access{Person: dana.ID.Object, User: danaAccount.User, Role: workflow.AccessAdmin, Until: until}, true},
	} {
		t.Run(name, func(t *testing.T) {
			state := having(test.has)
			plan := planned(t, lookingUp(known()), state, asked(test.change))
			test.gives.Request = 7
			after := api(t, plan.After)
			same(t, "what is given", []workflow.Access{test.gives}, given7(after.Access))
			count := 4
			if test.closed {
				count = 3
			}
			same(t, "how many have access", count, len(after.Access))
			if problems := slices.Concat(plan.After.Check(), state.Policy.Conforms(plan.After)); len(problems) > 0 {
				t.Errorf("the tenancy is not in order: %v", problems)
			}
			same(t, "the state, which nobody may change", having(test.has), state)
		})
	}
}

func TestAccessIsNotGivenWhereItEndsNoLaterThanWhatThereIs(t *testing.T) {
	const first = "77777777-7777-4777-8777-000000000001" // both begin with the same 13 characters
	alike := "77777777-7777-4777-8777-000000000002"
	directory := known()
	directory.people[first], directory.people[alike] = directory.people[oncall], directory.people[oncall]
	until := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		has    workflow.Access
		change workflow.AccessChange
		want   map[string]string
	}{
		"the same end":   {workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: until}, forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" }), map[string]string{"until": "It has the role edit in payments-api until 2026-03-10 already, by request 50. Choose a later end."}},
		"a sooner end":   {workflow.Access{Group: oncall, Role: workflow.AccessEdit, Until: until}, forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-09T23:59:59Z" }), map[string]string{"until": "Choose a later end."}},
		"standing":       {workflow.Access{Group: oncall, Role: workflow.AccessEdit}, forGroup(oncall, func(c *workflow.AccessChange) { c.Until = "2026-03-10" }), map[string]string{"subject": "already, without an end, since request 50."}},
		"standing twice": {workflow.Access{Group: oncall, Role: workflow.AccessEdit}, forGroup(oncall, nil), map[string]string{"subject": "already, without an end, since request 50."}},
		"ids that start alike": {workflow.Access{Group: first, Role: workflow.AccessEdit}, forGroup(alike, nil),
			map[string]string{"subject": "Somebody else has the role edit here, with an object id that starts alike"}},
		"ids that start alike, another role": {workflow.Access{Group: first, Role: workflow.AccessView}, forGroup(alike, nil), nil},
	} {
		t.Run(name, func(t *testing.T) {
			test.has.Request = 50
			_, err := lookingUp(directory).Plan(t.Context(), having(func(n *workflow.Namespace) { n.Access = append(n.Access, test.has) }), asked(test.change))
			saidOnce(t, err, test.want)
		})
	}
}

func TestASentenceSaysWhoGainsWhat(t *testing.T) {
	const prod = "production: payments-shop is a production namespace."
	inShop := func(c *workflow.AccessChange) { c.Namespace, c.Until = "payments-shop", "2026-03-30" }
	for name, test := range map[string]struct {
		change   workflow.AccessChange
		summary  string
		findings []string
	}{
		"the members": {accessFor(nil), "Gives payments's members the role view in payments-api on weu-1, without an end.",
			[]string{"has more already: Payments's members have the role edit there already (request 30), which lets them do all of this and more."}},
		"the owners": {accessFor(func(c *workflow.AccessChange) { c.Subject, c.Role = workflow.SubjectOwners, workflow.AccessEdit }), "Gives payments's owners the role edit in payments-api on weu-1, without an end.",
			[]string{"has more already: Payments's owners have the role admin there already (request 30), which lets them do all of this and more."}},
		"a group": {forGroup(oncall, nil), "Gives the group payments-oncall (" + oncall + ") the role edit in payments-api on weu-1, without an end.", nil},
		"a person for long, in production": {forPerson(dana.ID.Object, inShop), "Gives Dana Developer (dana@contoso.example) the role admin in payments-shop on weu-1, until 30 Mar 2026 00:00 UTC.",
			[]string{"long duration: It lasts 27 days, until 30 Mar 2026 00:00 UTC.", prod}},
		"a person for good": {forPerson(dana.ID.Object, func(c *workflow.AccessChange) { c.Until = "" }), "Gives Dana Developer (dana@contoso.example) the role admin in payments-api on weu-1, without an end.",
			[]string{"standing admin: The role admin is given without an end.", "one person: It is for one person, without an end: it stays when they leave the team, until somebody takes it away."}},
	} {
		t.Run(name, func(t *testing.T) {
			plan := planned(t, lookingUp(known()), equipped(), asked(test.change))
			same(t, "the summary", []string{test.summary, "With it they may " + test.change.Role.Gains() + "."}, plan.Summary)
			var findings []string
			for _, f := range plan.Findings {
				findings = append(findings, f.Label+": "+f.Message)
			}
			same(t, "the findings", test.findings, findings)
		})
	}
}

func TestTheSameAccessIsNotAskedForTwiceByWhicheverName(t *testing.T) {
	w := equippedWorld(t)
	first := w.submit(accessFor(nil))
	second := w.submit(forGroup(oncall, nil))
	third := w.submit(forPerson(dana.ID.Object, nil))
	says := func(id int64) map[string]string {
		return map[string]string{"subject": "Request " + number(id) + " by Dana Developer already asks for this role for the same subject."}
	}
	for name, test := range map[string]struct {
		change workflow.AccessChange
		want   map[string]string
	}{
		"the members":             {accessFor(func(c *workflow.AccessChange) { c.Until = "2026-03-10" }), says(first.ID)},
		"the members by their id": {forGroup(group(2), func(c *workflow.AccessChange) { c.Role = workflow.AccessView }), says(first.ID)},
		"the group in capitals":   {forGroup(strings.ToUpper(oncall)+" ", nil), says(second.ID)},
		"the person":              {forPerson(dana.ID.Object, func(c *workflow.AccessChange) { c.Until = "2026-03-11" }), says(third.ID)},
		"another person":          {forPerson(oscar.ID.Object, nil), nil},
		"the owners":              {accessFor(func(c *workflow.AccessChange) { c.Subject = workflow.SubjectOwners }), nil},
		"another role":            {forGroup(oncall, func(c *workflow.AccessChange) { c.Role = workflow.AccessView }), nil},
		"elsewhere":               {forGroup(oncall, func(c *workflow.AccessChange) { c.Namespace = "payments-shop" }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.service.Plan(t.Context(), dana, asks(test.change))
			saidOnce(t, err, test.want)
		})
	}
}

func TestWhoGainsAccessDoesNotReviewThatTheyDo(t *testing.T) {
	w, _ := givenWorld(t)
	w.service.Accounts = known()
	change := forPerson(olivia.ID.Object, func(c *workflow.AccessChange) { c.Namespace = "payments-api-dev" })
	r := w.submit(change)
	_, err := w.review(r.ID, olivia, workflow.VoteApprove, "")
	if problem := refused(t, err, workflow.Forbidden); problem.Message != "This gives you access, so somebody else has to review it." {
		t.Errorf("it says %q", problem.Message)
	}
	w.approve(r.ID, oscar)

	proof := entryGiven(t, dressed(), forPerson(dana.ID.Object, nil))
	if objections := workflow.ProveGrant(proof); len(objections) != 0 {
		t.Fatalf("it is objected to: %q", objections)
	}
	proof = entryGiven(t, dressed(), forPerson(olivia.ID.Object, nil))
	objects(t, workflow.ProveGrant(proof), "approved their own access")
}

func TestWhereOnlyThoseWhoGainCouldDecideTheFallbackDoes(t *testing.T) {
	state := equipped()
	p := lookingUp(known())
	p.Directory = directory{group(1): {olivia.ID}, group(2): {dana.ID}}
	plan := planned(t, p, state, asked(forPerson(olivia.ID.Object, nil)))
	if stages := stagesText(plan.Stages); !strings.Contains(stages, "admin=1(owner)") {
		t.Errorf("the stages are %s", stages)
	}
}
