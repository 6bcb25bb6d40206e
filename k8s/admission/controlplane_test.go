package admission

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// controlPlane makes the test binary a program that does to live objects of a real
// API server what the property test does to objects in memory. e2e/cluster builds
// it and runs it: that module cannot import this one, and nobody but tests has the
// operators.
var controlPlane = flag.String("control-plane", "", "folder with the kubeconfigs of a control plane on which to try every widening, instead of running the tests")

func TestMain(m *testing.M) {
	flag.Parse()
	if *controlPlane == "" {
		os.Exit(m.Run())
	}
	every := func(string, string) (bool, error) { return true, nil }
	testing.Main(every, []testing.InternalTest{{Name: "TestEveryWideningOfALiveObjectIsRefused", F: widenLive}}, nil, nil) // ends the process
}

// plane is a control plane that asks this process about every write.
type plane struct {
	*testing.T
	folder string
	state  *workflow.ApprovedState
	now    atomic.Pointer[time.Time]
}

// newPlane serves the webhook for a state, tells where on standard output, and waits
// for a line on standard input, by which the API server asks it.
func newPlane(t *testing.T, folder string, state *workflow.ApprovedState) *plane {
	p := &plane{T: t, folder: folder, state: state}
	p.setClock(testTime)
	snapshot, err := NewSnapshot(state, testCluster)
	if err != nil {
		t.Fatal(err)
	}
	var holder Holder
	holder.Store(snapshot, testTime)
	metrics, err := NewMetrics(prometheus.NewRegistry(), &holder, p.clock)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := EnsureCertificate(dir, []string{"127.0.0.1"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	certificate := &Certificate{Dir: dir, Hosts: []string{"127.0.0.1"}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:   &Handler{Snapshot: holder.Load, Metrics: metrics, Log: slog.New(slog.DiscardHandler), Now: p.clock},
		TLSConfig: certificate.TLSConfig(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	go func() { _ = server.ServeTLS(listener, "", "") }() // it says that it was closed
	t.Cleanup(func() { _ = server.Close() })
	fmt.Printf("webhook https://%s %s\n", listener.Addr(), filepath.Join(dir, CAFile))
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		t.Fatalf("nobody says that the webhook is registered: %v", err)
	}
	return p
}

func (p *plane) clock() time.Time { return *p.now.Load() }

// setClock sets the time by which the webhook judges.
func (p *plane) setClock(now time.Time) { p.now.Store(&now) }

// as gives a client of one of the kubeconfigs, which may act as somebody else.
func (p *plane) as(identity string, act rest.ImpersonationConfig) rest.Interface {
	p.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(p.folder, identity+".yaml"))
	if err != nil {
		p.Fatal(err)
	}
	config.QPS, config.Impersonate = -1, act
	client, err := rest.UnversionedRESTClientFor(dynamic.ConfigFor(config))
	if err != nil {
		p.Fatal(err)
	}
	return client
}

// resources are the paths' names of the kinds that are rendered.
var resources = map[string]string{
	"Namespace": "namespaces", "ResourceQuota": "resourcequotas", "LimitRange": "limitranges", "ServiceAccount": "serviceaccounts",
	"RoleBinding": "rolebindings", "NetworkPolicy": "networkpolicies", "CiliumNetworkPolicy": "ciliumnetworkpolicies",
}

// pathOf is where an API server has an object.
func pathOf(t testing.TB, object tree) string {
	t.Helper()
	kind, metadata := object["kind"].(string), object["metadata"].(tree)
	version, err := schema.ParseGroupVersion(object["apiVersion"].(string))
	if err != nil || resources[kind] == "" {
		t.Fatalf("%s %s: %v", object["apiVersion"], kind, err)
	}
	steps := []string{"/apis", version.Group, version.Version}
	if version.Group == "" {
		steps = []string{"/api", version.Version}
	}
	if namespace, _ := metadata["namespace"].(string); namespace != "" {
		steps = append(steps, "namespaces", namespace)
	}
	return strings.Join(append(steps, resources[kind], metadata["name"].(string)), "/")
}

// apply does what Argo CD does with a manifest; only tries it where it is to be dry.
func (p *plane) apply(ctx context.Context, client rest.Interface, object tree, dry bool) error {
	request := client.Patch(types.ApplyPatchType).AbsPath(pathOf(p, object)).Param("fieldManager", "argocd-controller").Param("force", "true")
	if dry {
		request = request.Param("dryRun", "All")
	}
	return request.Body(encode(p, object)).Do(ctx).Error()
}

// read reads an object back as the API server has it.
func (p *plane) read(ctx context.Context, client rest.Interface, object tree) (kept tree, err error) {
	body, err := client.Get().AbsPath(pathOf(p, object)).Do(ctx).Raw()
	if err == nil {
		err = json.Unmarshal(body, &kept)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", pathOf(p, object), err)
	}
	return kept, nil
}

// tryUpdate tries to replace an object, and gives what would be there then.
func (p *plane) tryUpdate(ctx context.Context, client rest.Interface, path string, object tree) (tree, error) {
	result := client.Put().AbsPath(path).Param("dryRun", "All").SetHeader("Content-Type", "application/json").Body(encode(p, object)).Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err // Raw's does not say who refused
	}
	body, err := result.Raw()
	if err != nil {
		return nil, err
	}
	var kept tree
	return kept, json.Unmarshal(body, &kept)
}

// byWebhook is what refuser says of Tenure's webhook.
const byWebhook = "the webhook"

// refuser says who of the API server refused a write; empty where that was no refusal.
func refuser(err error) string {
	text := fmt.Sprint(err)
	switch {
	case strings.Contains(text, "tenure.dev\" denied the request"):
		return byWebhook
	case strings.Contains(text, "ValidatingAdmissionPolicy 'tenure-"):
		return "a policy"
	case apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return "the API server, as invalid"
	case apierrors.IsForbidden(err), apierrors.IsNotFound(err) && strings.Contains(text, `"tenure:`):
		return "RBAC" // nobody binds a role that is not there, and nothing else has such a name
	}
	return ""
}

// inWaves puts objects into the order in which Argo CD applies them.
func inWaves(t testing.TB, objects []tree) []tree {
	t.Helper()
	wave := func(object tree) int {
		number, err := strconv.Atoi(at(object, "metadata", "annotations", manifest.AnnotationSyncWave).(string))
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	slices.SortStableFunc(objects, func(a, b tree) int { return cmp.Compare(wave(a), wave(b)) })
	return objects
}
