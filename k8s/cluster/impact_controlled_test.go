package cluster

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// atHost is an Ingress's body for a host.
func atHost(host string) object {
	return object{"spec": object{"rules": []any{object{"host": host}}}}
}

func TestWhatAnOperatorControlsIsJudged(t *testing.T) {
	const cache = "example.com/v1 Cache payments-api-dev/main"
	a := newListsAPI(t)
	a.put(cache, nil)
	for _, name := range []string{"web", "worker"} { // without pods at the moment
		a.putWhole("apps/v1 Deployment payments-api-dev/"+name, ownedBy(cache), deployed(oldImg))
	}
	a.putWhole("networking.k8s.io/v1 Ingress payments-api-dev/web", ownedBy(cache), atHost("x.example.com"))
	a.putWhole("apps/v1 StatefulSet payments-api-dev/db", ownedBy("platform.example.com/v1 XDatabase ours"), deployed(oldImg))
	a.putWhole("batch/v1 Job payments-api-dev/import", ownedBy(cache), deployed(oldImg))
	before, after := livingState(ownRegistry, microsoft), livingState(ownRegistry)
	before.Tenancies["payments"].Namespaces[0].Hosts = []string{"x.example.com"}
	effect := newlyRefused(t, a.live(), before, after)
	if diff := cmp.Diff([]string{
		"payments weu-1/payments-api-dev Deployment web of Cache main: trusted-registry",
		"payments weu-1/payments-api-dev Deployment worker of Cache main: trusted-registry",
		"payments weu-1/payments-api-dev Ingress web of Cache main: ingress-host",
		"payments weu-1/payments-api-dev Job import of Cache main: trusted-registry",
		"payments weu-1/payments-api-dev StatefulSet db of XDatabase ours: trusted-registry", elsewhere,
	}, refusedLines(effect)); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
	if effect.Objects != 5 {
		t.Errorf("%d were looked at", effect.Objects)
	}
}

// A workload of an operator stands for its pods, and for no other workload's.
func TestOfTheOneWorkloadOfAnOperatorThatIsNamedThePodsAreNotAndOfTheOtherTheyAre(t *testing.T) {
	const cache = "example.com/v1 Cache payments-api-dev/main"
	a := newListsAPI(t)
	for name, image := range map[string]string{"a": oldImg, "b": newImg} {
		deployment, set := "apps/v1 Deployment payments-api-dev/"+name, "apps/v1 ReplicaSet payments-api-dev/"+name+"-1"
		a.putWhole(deployment, ownedBy(cache), deployed(image))
		a.putWhole(set, ownedBy(deployment), deployed(image))
		for _, pod := range []string{"x", "y"} {
			a.putWhole("Pod payments-api-dev/"+name+"-1-"+pod, ownedBy(set), object{"spec": running(oldImg)})
		}
	}
	if diff := cmp.Diff([]string{
		"payments weu-1/payments-api-dev Deployment a of Cache main: trusted-registry",
		"payments weu-1/payments-api-dev Pod b-1-x of Cache main: trusted-registry", elsewhere,
	}, refusedLines(newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry)))); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
}

func TestRevisionsAreLeftOutOnlyWhereWhatMadeThemIsJudged(t *testing.T) {
	const deployment = "apps/v1 Deployment payments-api-dev/web"
	judged := func(a *listsAPI) { a.putWhole(deployment, nil, deployed(newImg)) }
	reference := func(version string, controls bool) object {
		return object{"ownerReferences": []any{object{"apiVersion": version, "kind": "Deployment", "name": "web", "uid": deployment, "controller": controls}}}
	}
	for name, c := range map[string]struct {
		before func(*listsAPI)
		owner  object
		named  string
	}{
		"it is judged":                    {judged, ownedBy(deployment), ""},
		"it is judged, and not the only":  {judged, ownedBy(deployment, "example.com/v1 Cache payments-api-dev/main"), ""},
		"it is not there":                 {func(*listsAPI) {}, ownedBy(deployment), "ReplicaSet web-1 of Deployment web"},
		"it cannot be listed":             {func(a *listsAPI) { a.refuse["deployments"] = http.StatusForbidden }, ownedBy(deployment), "ReplicaSet web-1 of Deployment web"},
		"it is another of that name":      {func(a *listsAPI) { a.putWhole(deployment, object{"uid": "new"}, deployed(newImg)) }, ownedBy(deployment), "ReplicaSet web-1 of Deployment web"},
		"it is another kind of that name": {judged, reference("example.com/v1", true), "ReplicaSet web-1 of Deployment web"},
		"it does not control it":          {judged, reference("apps/v1", false), "ReplicaSet web-1"},
		"no rule looks at it":             {func(*listsAPI) {}, ownedBy("example.com/v1 Topic payments-api-dev/web"), "ReplicaSet web-1 of Topic web"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newListsAPI(t)
			c.before(a)
			a.putWhole("apps/v1 ReplicaSet payments-api-dev/web-1", c.owner, deployed(oldImg))
			found := newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry)).Refused
			switch {
			case c.named == "" && len(found) > 0, c.named != "" && (len(found) != 1 || found[0].Object != c.named):
				t.Errorf("named are %v", found)
			}
		})
	}
}

func TestOfManyRevisionsOfOneThingTheFirstOneIsNamed(t *testing.T) {
	a := newListsAPI(t)
	for _, of := range []string{"web", "api"} {
		for _, revision := range []string{"1", "2"} {
			set := "apps/v1 ReplicaSet payments-api-dev/" + of + "-" + revision
			a.putWhole(set, ownedBy("example.com/v1 Topic payments-api-dev/"+of), deployed(oldImg))
			a.putWhole("Pod payments-api-dev/"+of+"-"+revision+"-x", ownedBy(set), object{"spec": running(oldImg)})
		}
	}
	if diff := cmp.Diff([]string{
		"payments weu-1/payments-api-dev ReplicaSet api-1 of Topic api: trusted-registry",
		"payments weu-1/payments-api-dev ReplicaSet web-1 of Topic web: trusted-registry", elsewhere,
	}, refusedLines(newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry)))); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
}

func TestRunsOfACronJobThatIsJudgedAreLeftOut(t *testing.T) {
	const cron = "batch/v1 CronJob payments-api-dev/nightly"
	a := newListsAPI(t)
	a.putWhole(cron, nil, object{"spec": object{"jobTemplate": object{"spec": object{"template": object{"spec": running(newImg)}}}}})
	a.putWhole("batch/v1 Job payments-api-dev/nightly-1", ownedBy(cron), deployed(oldImg))
	if diff := cmp.Diff([]string{elsewhere}, refusedLines(newlyRefused(t, a.live(), livingState(ownRegistry, microsoft), livingState(ownRegistry)))); diff != "" {
		t.Errorf("what is refused (-want +got):\n%s", diff)
	}
}
