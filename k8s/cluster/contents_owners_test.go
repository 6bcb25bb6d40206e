package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatGoesWithAnotherThatIsCountedIsNot(t *testing.T) {
	a := newListsAPI(t)
	a.put("example.com/v1 Cache payments-api-dev/main", nil)
	a.put("apps/v1 Deployment payments-api-dev/web", ownedBy("example.com/v1 Cache payments-api-dev/main"))
	a.put("apps/v1 ReplicaSet payments-api-dev/web-1", ownedBy("apps/v1 Deployment payments-api-dev/web"))
	a.put("Pod payments-api-dev/web-1-x", ownedBy("apps/v1 ReplicaSet payments-api-dev/web-1"))
	a.put("ConfigMap payments-api-dev/both", ownedBy("example.com/v1 XDatabase ours", "example.com/v1 Cache payments-api-dev/main"))
	a.put("Secret payments-api-dev/web", ownedBy("example.com/v1 Cache payments-api-dev/main"))
	a.put("PersistentVolumeClaim payments-api-dev/data", ownedBy("example.com/v1 Cache payments-api-dev/main"))
	want := []string{"PersistentVolumeClaim 1 data: data", "Secret 1 data: web", "Cache.example.com 1: main"}
	if diff := cmp.Diff(want, lines(contentsOf(t, a.live()))); diff != "" {
		t.Errorf("what lives there (-want +got):\n%s", diff)
	}
}

// What a person may lose is never hidden behind an owner that is not counted itself.
func TestWhatNothingElseSpeaksForIsCounted(t *testing.T) {
	const deployment = "apps/v1 Deployment payments-api-dev/web"
	for name, c := range map[string]struct {
		owner   string
		before  func(*listsAPI)
		besides []string
	}{
		"an owner of the whole cluster": {"platform.example.com/v1 XDatabase ours", func(a *listsAPI) {
			a.serve("platform.example.com/v1", "XDatabase", false)
			a.put("platform.example.com/v1 XDatabase /ours", nil)
		}, nil},
		"an owner of an unknown kind":       {"platform.example.com/v1 Database payments-api-dev/ours", func(*listsAPI) {}, nil},
		"an owner that is not there":        {"example.com/v1 Cache payments-api-dev/main", func(*listsAPI) {}, nil},
		"an owner in another namespace":     {"example.com/v1 Cache search-dev/main", func(a *listsAPI) { a.put("example.com/v1 Cache search-dev/main", nil) }, nil},
		"an owner without an identity":      {"", func(a *listsAPI) { a.put("Secret payments-api-dev/main", object{"uid": ""}) }, []string{"Secret 1 data: main"}},
		"an owner that nobody put there":    {"ConfigMap payments-api-dev/kube-root-ca.crt", func(a *listsAPI) { a.put("ConfigMap payments-api-dev/kube-root-ca.crt", nil) }, nil},
		"an owner of a kind that is passed": {"coordination.k8s.io/v1 Lease payments-api-dev/leader", func(a *listsAPI) { a.put("coordination.k8s.io/v1 Lease payments-api-dev/leader", nil) }, nil},
		"an owner that Tenure put there": {"ResourceQuota payments-api-dev/tenure", func(a *listsAPI) {
			a.put("ResourceQuota payments-api-dev/tenure", object{"labels": object{"app.kubernetes.io/managed-by": "tenure"}})
		}, nil},
		"itself": {deployment, func(*listsAPI) {}, nil},
		"an owner of a kind that may not be listed": {"example.com/v1 Cache payments-api-dev/main", func(a *listsAPI) {
			a.put("example.com/v1 Cache payments-api-dev/main", nil)
			a.refuse["caches"] = http.StatusForbidden
		}, []string{"not example.com: Tenure may not list them on the cluster."}},
		"an owner behind the limit": {"Secret payments-api-dev/main", func(a *listsAPI) {
			for i := range contentsMost {
				a.put(fmt.Sprintf("Secret payments-api-dev/token-%04d", i), object{"annotations": object{"kubernetes.io/service-account.name": "web"}})
			}
			a.put("Secret payments-api-dev/main", nil)
		}, []string{"not Secret: Only the first 5000 were looked at."}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newListsAPI(t)
			c.before(a)
			metadata := object{"ownerReferences": []any{object{"apiVersion": "v1", "kind": "Cache", "name": "main", "uid": "", "controller": true}}}
			if c.owner != "" {
				metadata = ownedBy(c.owner)
			}
			a.put(deployment, metadata)
			a.put("apps/v1 ReplicaSet payments-api-dev/web-1", ownedBy(deployment))
			a.put("Pod payments-api-dev/web-1-x", ownedBy("apps/v1 ReplicaSet payments-api-dev/web-1"))
			want := []string{"Deployment 1: web"}
			if name == "itself" { // a circle is counted with all that hangs on it
				want = append(want, "Pod 1: web-1-x", "ReplicaSet 1: web-1")
			}
			want = append(want, c.besides...)
			found := lines(contentsOf(t, a.live()))
			slices.Sort(found)
			slices.Sort(want)
			if diff := cmp.Diff(want, found); diff != "" {
				t.Errorf("what lives there (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatOwnsEachOtherInACircleIsCounted(t *testing.T) {
	a := newListsAPI(t)
	a.put("ConfigMap payments-api-dev/a", ownedBy("ConfigMap payments-api-dev/b"))
	a.put("ConfigMap payments-api-dev/b", ownedBy("ConfigMap payments-api-dev/a"))
	if diff := cmp.Diff([]string{"ConfigMap 2: a b"}, lines(contentsOf(t, a.live()))); diff != "" {
		t.Errorf("what lives there (-want +got):\n%s", diff)
	}
}
