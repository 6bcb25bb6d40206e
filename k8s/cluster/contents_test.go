package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tenure.dev/workflow"
)

// contentsOf asks what lives in payments-api-dev.
func contentsOf(t *testing.T, l *Live) workflow.NamespaceContents {
	t.Helper()
	contents, known, err := l.Contents(t.Context(), "weu-1", "payments-api-dev")
	if err != nil || !known {
		t.Fatalf("known %v, %v", known, err)
	}
	return contents
}

// lines writes what is counted as a person reads it.
func lines(contents workflow.NamespaceContents) []string {
	var found []string
	for _, kind := range contents.Kinds {
		line := fmt.Sprintf("%s %d", kind.Kind, kind.Count)
		if kind.More {
			line += " and more"
		}
		if kind.Data {
			line += " data"
		}
		found = append(found, line+": "+strings.Join(kind.Names, " "))
	}
	for _, kind := range contents.Unlisted {
		found = append(found, "not "+kind.Kind+": "+kind.Why)
	}
	return found
}

func TestWhatLivesInANamespaceIsCountedByKind(t *testing.T) {
	a := newListsAPI(t)
	for _, what := range []string{
		"apps/v1 Deployment payments-api-dev/web", "apps/v1 Deployment payments-api-dev/api", "apps/v1 Deployment search-dev/web",
		"Pod payments-api-dev/debug", "Secret payments-api-dev/password", "example.com/v1 Cache payments-api-dev/sessions",
		"networking.k8s.io/v1 NetworkPolicy payments-api-dev/own", "ServiceAccount payments-api-dev/web", "ConfigMap payments-api-dev/settings",
		"snapshot.storage.k8s.io/v1 VolumeSnapshot payments-api-dev/monday",
	} {
		a.put(what, nil)
	}
	a.put("PersistentVolumeClaim payments-api-dev/data-db-0", ownedBy("ConfigMap payments-api-dev/settings"))
	contents := contentsOf(t, a.live())
	if diff := cmp.Diff([]string{
		"PersistentVolumeClaim 1 data: data-db-0", "Secret 1 data: password", "VolumeSnapshot 1 data: monday",
		"Cache.example.com 1: sessions", "ConfigMap 1: settings", "Deployment 2: api web", "NetworkPolicy 1: own", "Pod 1: debug", "ServiceAccount 1: web",
	}, lines(contents)); diff != "" {
		t.Errorf("what lives there (-want +got):\n%s", diff)
	}
	if !contents.At.Equal(noon) {
		t.Errorf("it is of %s", contents.At)
	}
	for resource, accept := range a.accept {
		if resource != "api" && resource != "apis" && !strings.Contains(accept, "as=PartialObjectMetadataList") {
			t.Errorf("of %s more than metadata is asked for: %s", resource, accept)
		}
	}
}

func TestWhatNobodyPutIntoTheNamespaceIsNotCounted(t *testing.T) {
	managed := object{"labels": object{"app.kubernetes.io/managed-by": "tenure"}}
	for what, metadata := range map[string]object{
		"Event payments-api-dev/web.17": nil, "events.k8s.io/v1 Event payments-api-dev/web.18": nil, "Endpoints payments-api-dev/web": nil,
		"discovery.k8s.io/v1 EndpointSlice payments-api-dev/web-1": nil, "coordination.k8s.io/v1 Lease payments-api-dev/leader": nil,
		"metrics.k8s.io/v1beta1 PodMetrics payments-api-dev/web-1":                nil,
		"apps/v1 ControllerRevision payments-api-dev/db-1":                        ownedBy("apps/v1 StatefulSet payments-api-dev/db"),
		"ConfigMap payments-api-dev/kube-root-ca.crt":                             nil,
		"ServiceAccount payments-api-dev/default":                                 nil,
		"ServiceAccount payments-api-dev/tenure-deployer":                         managed,
		"Secret payments-api-dev/web-token":                                       {"annotations": object{"kubernetes.io/service-account.name": "web"}},
		"ResourceQuota payments-api-dev/tenure":                                   managed,
		"LimitRange payments-api-dev/tenure":                                      nil, // somebody took its labels
		"networking.k8s.io/v1 NetworkPolicy payments-api-dev/tenure-default-deny": managed,
		"rbac.authorization.k8s.io/v1 RoleBinding payments-api-dev/tenure-edit":   managed,
	} {
		t.Run(what, func(t *testing.T) {
			a := newListsAPI(t)
			a.put(what, metadata)
			if found := lines(contentsOf(t, a.live())); len(found) > 0 {
				t.Errorf("counted are %v", found)
			}
		})
	}
}

// Nobody hides what is their own behind Tenure's label.
func TestWhatOnlyLooksLikeTenuresIsCounted(t *testing.T) {
	for _, what := range []string{"apps/v1 Deployment payments-api-dev/tenure-web", "ServiceAccount payments-api-dev/tenure-web", "PersistentVolumeClaim payments-api-dev/tenure"} {
		a := newListsAPI(t)
		a.put(what, object{"labels": object{"app.kubernetes.io/managed-by": "tenure"}})
		if found := lines(contentsOf(t, a.live())); len(found) != 1 {
			t.Errorf("of %s counted are %v", what, found)
		}
	}
}

func TestOneKindThatCannotBeListedHidesNoOther(t *testing.T) {
	a := newListsAPI(t)
	a.put("apps/v1 Deployment payments-api-dev/web", nil)
	a.stale = []string{"broken.example.com", "custom.metrics.k8s.io"}
	a.refuse = map[string]int{
		"secrets": http.StatusForbidden, "caches": http.StatusForbidden, "topics": http.StatusForbidden,
		"services": http.StatusInternalServerError, "configmaps": http.StatusGatewayTimeout, "jobs": http.StatusNotFound, "cronjobs": http.StatusMethodNotAllowed,
	}
	if diff := cmp.Diff([]string{
		"Deployment 1: web", "not ConfigMap: The cluster did not answer in time.", "not Secret: Tenure may not list them on the cluster.",
		"not Service: The cluster could not list them.", "not broken.example.com: " + unknownGroup, "not example.com: Tenure may not list them on the cluster.",
	}, lines(contentsOf(t, a.live()))); diff != "" {
		t.Errorf("what lives there (-want +got):\n%s", diff)
	}
}

func TestAKindThatIsNotAnsweredInTimeIsSaidToBeUnknown(t *testing.T) {
	a := newListsAPI(t)
	l := a.live()
	contentsOf(t, l) // it knows the kinds now
	a.clock.set(noon.Add(contentsHolds))
	l.contentsPatience = time.Millisecond
	a.hang["secrets"] = func() {}
	if found := lines(contentsOf(t, l)); !slices.Contains(found, "not Secret: The cluster did not answer in time.") {
		t.Errorf("it says %v", found)
	}
}

func TestAClusterThatSaysNothingIsNotWaitedForWithoutEnd(t *testing.T) {
	a := newListsAPI(t)
	a.hang["apis"] = func() {}
	l := a.live()
	l.contentsPatience = time.Millisecond
	if _, _, err := l.Contents(t.Context(), "weu-1", "payments-api-dev"); err == nil {
		t.Error("something is known")
	}
}

func TestManyObjectsAreCountedPageByPageUpToALimit(t *testing.T) {
	a := newListsAPI(t)
	for i := range pageSize + 1 {
		a.put(fmt.Sprintf("ConfigMap payments-api-dev/settings-%04d", i), nil)
	}
	for i := range contentsMost + 1 {
		a.put(fmt.Sprintf("Secret payments-api-dev/password-%04d", i), nil)
	}
	contents := contentsOf(t, a.live())
	found := contents.Kinds
	if len(found) != 2 || found[0].Count != contentsMost || !found[0].More || found[1].Count != pageSize+1 || found[1].More {
		t.Errorf("counted are %v", found)
	}
	if len(found[1].Names) != workflow.MaxNamed || found[1].Names[9] != "settings-0009" {
		t.Errorf("named are %v", found[1].Names)
	}
	if diff := cmp.Diff([]workflow.UnlistedKind{{Kind: "Secret", Why: "Only the first 5000 were looked at."}}, contents.Unlisted); diff != "" {
		t.Errorf("what was not looked at (-want +got):\n%s", diff)
	}
}

func TestAKindIsNamedOfWhichTheFirstOnesDoNotCountAndMoreWereNotLookedAt(t *testing.T) {
	const account = "kubernetes.io/service-account.name"
	for name, last := range map[string]struct {
		objects int
		want    []string
	}{
		"one more":       {contentsMost + 1, []string{"ServiceAccount 1: web", "not Secret: Only the first 5000 were looked at."}},
		"no more":        {contentsMost, []string{"ServiceAccount 1: web"}},
		"a page is full": {pageSize, []string{"ServiceAccount 1: web"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newListsAPI(t)
			a.put("ServiceAccount payments-api-dev/web", nil)
			for i := range last.objects {
				a.put(fmt.Sprintf("Secret payments-api-dev/token-%04d", i), object{"annotations": object{account: "web"}})
			}
			if diff := cmp.Diff(last.want, lines(contentsOf(t, a.live()))); diff != "" {
				t.Errorf("what lives there (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNothingIsKnownOfWhatLivesOnAClusterThatNobodyWatches(t *testing.T) {
	a := newListsAPI(t)
	for _, cluster := range []string{"neu-1", ""} {
		if _, known, err := a.live().Contents(t.Context(), cluster, "payments-api-dev"); known || err != nil {
			t.Errorf("cluster %q is known: %v, %v", cluster, known, err)
		}
	}
	if len(a.asked) > 0 {
		t.Errorf("it was asked for %v", a.asked)
	}
}

func TestAClusterThatIsAwayOrTooOldIsAnError(t *testing.T) {
	a := newListsAPI(t)
	for _, refuse := range []int{http.StatusServiceUnavailable, http.StatusUnauthorized} {
		a.refuse["apis"] = refuse
		if _, known, err := a.live().Contents(t.Context(), "weu-1", "payments-api-dev"); known || err == nil {
			t.Errorf("with status %d it is known: %v, %v", refuse, known, err)
		}
	}
	a.refuse, a.old = map[string]int{}, true
	if _, known, err := a.live().Contents(t.Context(), "weu-1", "payments-api-dev"); known || err == nil || !strings.Contains(err.Error(), "1.30") {
		t.Errorf("of an old API server it is known: %v, %v", known, err)
	}
}

func TestAKubeconfigForWhatLivesThatCannotBeReadIsSaidAtTheStart(t *testing.T) {
	if _, err := OpenLive(LiveConfig{Kubeconfig: "nowhere", Cluster: "weu-1", Clock: stoppedClock{}}); err == nil {
		t.Error("a kubeconfig that is not there is taken")
	}
}
