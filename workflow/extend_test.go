package workflow_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// grantedFor is payments with a grant of every kind that ends after so long.
func grantedFor(lasts time.Duration) workflow.Tenancy {
	tenancy := payments()
	until := noon.Add(lasts).Truncate(24 * time.Hour)
	n := held("payments-api-dev", 1)
	n.Network = []workflow.NetworkException{{
		Direction: workflow.Egress, Pods: map[string]string{"app": "api"}, To: &workflow.FlowPeer{CIDR: "10.20.0.0/16", Except: []string{"10.20.7.0/24"}},
		Ports: []workflow.FlowPort{{Protocol: "TCP", Port: 5432}}, Until: until, Request: 2,
	}}
	n.Access = []workflow.Access{{Group: tenancy.Members.Group, Role: workflow.AccessAdmin, Until: until, Request: 3}, {Group: group(9), Role: workflow.AccessView, Request: 4}}
	n.Exemptions = []workflow.Exemption{{Rule: "trusted-registry", Selector: map[string]string{"app": "legacy"}, Value: "docker.io/library/redis:7.2", Until: until, Request: 5}}
	n.Quota.Raise = &workflow.QuotaRaise{CPU: amount("8"), Memory: amount("16Gi"), Storage: amount("20Gi"), Pods: 40, Until: until, Request: 6,
		Objects: map[workflow.ObjectCount]int64{workflow.CountServices: 5}}
	tenancy.Namespaces = []workflow.Namespace{n}
	return tenancy
}

func TestAnExtensionAsksForTheSameUntilALaterDay(t *testing.T) {
	day := func(from time.Time, days int) string {
		return from.AddDate(0, 0, days).Truncate(24 * time.Hour).Format(time.DateOnly)
	}
	tenancy := grantedFor(5 * 24 * time.Hour)
	end := noon.Add(5 * 24 * time.Hour)
	place := func(c workflow.QuotaChange) workflow.QuotaChange {
		c.Cluster, c.Namespace = "weu-1", "payments-api-dev"
		return c
	}
	want := map[int64]workflow.Change{
		2: workflow.NetworkChange{Cluster: "weu-1", Namespace: "payments-api-dev", Direction: workflow.Egress, Pods: "app=api", Peer: workflow.PeerCIDR,
			CIDR: "10.20.0.0/16", Except: "10.20.7.0/24", Ports: "TCP 5432", Until: day(end, 30)},
		// The policy lets these last 30 days from now.
		3: workflow.AccessChange{Cluster: "weu-1", Namespace: "payments-api-dev", Subject: workflow.SubjectMembers, Role: workflow.AccessAdmin, Until: day(noon, 30)},
		5: workflow.ExemptionChange{Cluster: "weu-1", Namespace: "payments-api-dev", Rule: "trusted-registry", Value: "docker.io/library/redis:7.2", Selector: "app=legacy", Until: day(noon, 30)},
		6: place(workflow.QuotaChange{CPU: "8", Memory: "16Gi", Storage: "20Gi", Pods: "40", Objects: map[workflow.ObjectCount]string{workflow.CountServices: "5"}, Until: day(noon, 30)}),
	}
	limits := workflow.Policy{}
	for _, g := range tenancy.Grants() {
		change, possible := tenancy.Extension(g, limits, noon)
		expected, ends := want[g.Request]
		if possible != ends {
			t.Errorf("request %d can be extended: %v", g.Request, possible)
			continue
		}
		if ends {
			if !reflect.DeepEqual(expected, change) {
				t.Errorf("request %d: got %+v, want %+v", g.Request, change, expected)
			}
		}
	}
	for _, g := range grantedFor(30 * 24 * time.Hour).Grants() {
		if _, possible := tenancy.Extension(g, limits, noon); possible && g.Kind != workflow.KindNetwork {
			t.Errorf("request %d can last longer than the policy allows", g.Request)
		}
	}
}

func TestWhatEndsWithinAWeekIsListedTheSoonestFirst(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for name, test := range map[string]struct {
		now  time.Time
		want []int64
	}{
		"a month before":   {noon.Add(-30 * 24 * time.Hour), nil},
		"a week before":    {noon.Add(5 * 24 * time.Hour).Truncate(24 * time.Hour).Add(-week), []int64{2, 3, 5, 6}},
		"a moment too far": {noon.Add(5 * 24 * time.Hour).Truncate(24 * time.Hour).Add(-week - time.Second), nil},
		"at its end":       {noon.Add(5 * 24 * time.Hour).Truncate(24 * time.Hour), nil},
	} {
		var got []int64
		for _, g := range grantedFor(5 * 24 * time.Hour).Ending(test.now) {
			got = append(got, g.Request)
		}
		same(t, name, test.want, got)
	}
	tenancy := grantedFor(5 * 24 * time.Hour)
	tenancy.Namespaces[0].Exemptions[0].Until = noon.Add(time.Hour)
	if first := tenancy.Ending(noon)[0]; first.Request != 5 {
		t.Errorf("request %d stands first", first.Request)
	}
}

// twoPeople is a directory with one person in each group.
type twoPeople struct{ away error }

func (d twoPeople) People(_ context.Context, id string) ([]workflow.Account, bool, error) {
	return []workflow.Account{{ID: workflow.PersonID{Tenant: group(7), Object: id}, Name: "Person of " + id, User: "x@contoso.example"}}, true, d.away
}

func (d twoPeople) Groups(_ context.Context, text string) ([]workflow.DirectoryGroup, error) {
	return []workflow.DirectoryGroup{{ID: group(1), Name: text + "owners"}, {ID: group(8), Name: text + "oncall"}}, d.away
}

func TestWhomAccessCanBeGivenToIsTheTenantsBusinessOnly(t *testing.T) {
	w := newWorld(t)
	if people, err := w.service.People(t.Context(), dana, "payments"); err != nil || people.Known {
		t.Errorf("without a directory: %+v, %v", people, err)
	}
	w.service.Accounts = twoPeople{}
	people, err := w.service.People(t.Context(), dana, "payments")
	if err != nil || !people.Known || len(people.People) != 2 {
		t.Fatalf("people: %+v, %v", people, err)
	}
	same(t, "groups", []workflow.DirectoryGroup{{ID: group(8), Name: "payments-oncall"}}, people.Groups)
	_, err = w.service.People(t.Context(), dana, "logistics")
	refused(t, err, workflow.Invalid)
	w.service.Accounts = twoPeople{away: errors.New("no answer")}
	_, err = w.service.People(t.Context(), dana, "payments")
	refused(t, err, workflow.Unavailable)
}
