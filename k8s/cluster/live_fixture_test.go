package cluster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// object is an object as plain JSON values.
type object = map[string]any

// listsAPI speaks the part of the Kubernetes API that discovers kinds and lists them,
// page by page.
type listsAPI struct {
	*testing.T
	server *httptest.Server
	clock  *movedClock

	mu      sync.Mutex
	served  map[schema.GroupVersionResource]servedKind
	stale   []string // groups whose own server does not answer
	objects map[string][]object
	old     bool              // it says what it serves as Kubernetes did before 1.30
	refuse  map[string]int    // the status that a resource's lists are answered with
	hang    map[string]func() // resources whose lists are never answered; called when one is asked for
	before  map[string]func() // called before a resource's list is answered
	asked   []string          // what was asked for, as the resource's name and the query
	accept  map[string]string // how each resource was asked for last
}

// servedKind is a kind and whether its objects are in namespaces.
type servedKind struct {
	kind       string
	namespaced bool
	verbs      []string
}

// everyVerb is what most kinds can.
var everyVerb = []string{"create", "delete", "get", "list", "watch"}

func newListsAPI(t *testing.T) *listsAPI {
	a := &listsAPI{
		T: t, clock: &movedClock{at: noon}, served: map[schema.GroupVersionResource]servedKind{}, objects: map[string][]object{},
		refuse: map[string]int{}, hang: map[string]func(){}, before: map[string]func(){}, accept: map[string]string{},
	}
	for version, resources := range map[string][]string{
		"v1":      {"Pod", "PodTemplate", "Service", "ConfigMap", "Secret", "PersistentVolumeClaim", "ServiceAccount", "Event", "Endpoints", "ResourceQuota", "LimitRange"},
		"apps/v1": {"Deployment", "StatefulSet", "ReplicaSet", "ControllerRevision"}, "batch/v1": {"Job", "CronJob"},
		"networking.k8s.io/v1": {"NetworkPolicy", "Ingress"}, "rbac.authorization.k8s.io/v1": {"RoleBinding"},
		"coordination.k8s.io/v1": {"Lease"}, "discovery.k8s.io/v1": {"EndpointSlice"}, "events.k8s.io/v1": {"Event"},
		"snapshot.storage.k8s.io/v1": {"VolumeSnapshot"}, "example.com/v1": {"Cache", "Topic"}, "metrics.k8s.io/v1beta1": {"PodMetrics"},
	} {
		for _, kind := range resources {
			a.serve(version, kind, true)
		}
	}
	a.serve("v1", "Namespace", false)
	a.served[schema.GroupVersionResource{Group: "authorization.k8s.io", Version: "v1", Resource: "localsubjectaccessreviews"}] = servedKind{"LocalSubjectAccessReview", true, []string{"create"}}
	a.server = httptest.NewServer(a)
	t.Cleanup(func() { a.server.CloseClientConnections(); a.server.Close() })
	return a
}

func (a *listsAPI) serve(version, kind string, namespaced bool) {
	a.served[resourceOf(a, version, kind)] = servedKind{kind, namespaced, everyVerb}
}

func resourceOf(t testing.TB, version, kind string) schema.GroupVersionResource {
	parsed, err := schema.ParseGroupVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	plural := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(plural, "y"):
		plural = strings.TrimSuffix(plural, "y") + "ies"
	case strings.HasSuffix(plural, "ss"):
		plural += "es"
	case !strings.HasSuffix(plural, "s"):
		plural += "s"
	}
	return parsed.WithResource(plural)
}

// put adds an object, such as "apps/v1 Deployment payments-api-dev/web", with more in
// its metadata.
func (a *listsAPI) put(what string, metadata object) {
	a.putWhole(what, metadata, nil)
}

// putWhole adds an object with what it has beside its metadata.
func (a *listsAPI) putWhole(what string, metadata, body object) {
	a.Helper()
	words := strings.Fields(what)
	if len(words) == 2 {
		words = append([]string{"v1"}, words...)
	}
	namespace, name, _ := strings.Cut(words[2], "/")
	whole := object{"metadata": object{"namespace": namespace, "name": name, "uid": what, "creationTimestamp": "2026-07-01T12:00:00Z"}}
	maps.Copy(whole["metadata"].(object), metadata)
	maps.Copy(whole, body)
	resource := resourceOf(a, words[0], words[1]).Resource
	a.mu.Lock()
	defer a.mu.Unlock()
	a.objects[resource] = append(a.objects[resource], whole)
}

// ownedBy is the metadata of what others control, each named as put does.
func ownedBy(owners ...string) object {
	var references []any
	for _, what := range owners {
		words := strings.Fields(what)
		if len(words) == 2 {
			words = append([]string{"v1"}, words...)
		}
		_, name, namespaced := strings.Cut(words[2], "/")
		if !namespaced {
			name = words[2]
		}
		references = append(references, object{"apiVersion": words[0], "kind": words[1], "name": name, "uid": what, "controller": len(references) == 0})
	}
	return object{"ownerReferences": references}
}

func (a *listsAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	resource, namespace := path[len(path)-1], ""
	for i, part := range path {
		if part == "namespaces" && i+2 < len(path) {
			namespace = path[i+1]
		}
	}
	a.mu.Lock()
	a.asked = append(a.asked, resource+"?"+r.URL.RawQuery)
	a.accept[resource] = r.Header.Get("Accept")
	refuse, hang, before := a.refuse[resource], a.hang[resource], a.before[resource]
	a.mu.Unlock()
	if before != nil {
		before()
	}
	switch {
	case hang != nil:
		hang()
		<-r.Context().Done()
	case refuse != 0:
		a.answer(w, refuse, object{"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": refuse, "reason": strings.ReplaceAll(http.StatusText(refuse), " ", ""), "message": resource + " is refused"})
	case len(path) == 1:
		a.discover(w, r, path[0] == "api")
	default:
		a.list(w, r, resource, namespace)
	}
}

func (a *listsAPI) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.Log(err) // the client is gone
	}
}

// discover says what is served, the core group on one path and the others on another.
func (a *listsAPI) discover(w http.ResponseWriter, r *http.Request, core bool) {
	if !strings.Contains(r.Header.Get("Accept"), "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList") {
		a.Errorf("it is asked for its kinds as %s", r.Header.Get("Accept"))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.old {
		a.answer(w, http.StatusOK, object{"kind": "APIGroupList", "apiVersion": "v1", "groups": []any{}})
		return
	}
	resources := map[schema.GroupVersion][]any{}
	for r, kind := range a.served {
		scope := "Cluster"
		if kind.namespaced {
			scope = "Namespaced"
		}
		resources[r.GroupVersion()] = append(resources[r.GroupVersion()], object{
			"resource": r.Resource, "scope": scope, "verbs": kind.verbs, "responseKind": object{"group": r.Group, "version": r.Version, "kind": kind.kind},
		})
	}
	items := []any{}
	for _, version := range slices.SortedFunc(maps.Keys(resources), func(a, b schema.GroupVersion) int { return cmp.Compare(a.String(), b.String()) }) {
		if (version.Group == "") == core {
			items = append(items, object{"metadata": object{"name": version.Group}, "versions": []any{object{"version": version.Version, "freshness": "Current", "resources": resources[version]}}})
		}
	}
	if !core {
		for _, group := range a.stale {
			items = append(items, object{"metadata": object{"name": group}, "versions": []any{object{"version": "v1", "freshness": "Stale"}}})
		}
	}
	a.answer(w, http.StatusOK, object{"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": object{}, "items": items})
}

// list gives one page, from the object on that the token names.
func (a *listsAPI) list(w http.ResponseWriter, r *http.Request, resource, namespace string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	query := r.URL.Query()
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil {
		a.Errorf("%s is not asked for in pages: %v", r.URL, err)
	}
	first, _ := strconv.Atoi(query.Get("continue")) // 0 for the first page
	picked := slices.DeleteFunc(slices.Clone(a.objects[resource]), func(o object) bool {
		return namespace != "" && o["metadata"].(object)["namespace"] != namespace
	})
	list := object{"metadata": object{"resourceVersion": "7"}, "items": picked[first:min(first+limit, len(picked))]}
	if first+limit < len(picked) {
		list["metadata"].(object)["continue"] = fmt.Sprint(first + limit)
	}
	list["kind"], list["apiVersion"] = "List", "v1"
	if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
		list["kind"], list["apiVersion"] = "PartialObjectMetadataList", "meta.k8s.io/v1"
		var bare []object
		for _, o := range list["items"].([]object) {
			bare = append(bare, object{"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": o["metadata"]})
		}
		list["items"] = bare
	}
	a.answer(w, http.StatusOK, list)
}

// times says how often a resource was asked for.
func (a *listsAPI) times(resource string) (times int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, asked := range a.asked {
		if strings.HasPrefix(asked, resource+"?") {
			times++
		}
	}
	return times
}

// live asks this API server as cluster weu-1.
func (a *listsAPI) live() *Live {
	a.Helper()
	address := strings.TrimPrefix(a.server.URL, "http://")
	l, err := OpenLive(LiveConfig{Kubeconfig: (&apiServer{T: a.T, address: address}).kubeconfig(), Cluster: "weu-1", Clock: a.clock})
	if err != nil {
		a.Fatal(err)
	}
	return l
}
