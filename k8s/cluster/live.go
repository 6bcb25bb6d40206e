package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"tenure.dev/workflow"
)

// LiveConfig says which cluster is asked what lives on it.
type LiveConfig struct {
	Kubeconfig string         // path of the kubeconfig, or InCluster; required
	Cluster    string         // the cluster's name in the policy; required
	Clock      workflow.Clock // required
}

// Live asks one cluster what lives on it: what is in a namespace, and what another
// approved state would refuse of it. It only lists, and it keeps what it heard for
// no longer than contentsHolds and kindsHold say. It is safe for concurrent use.
type Live struct {
	config LiveConfig

	// What anybody may ask is bounded apart from what plans of policies need.
	contentsLimit *limiter
	metadata      metadata.Interface // lists metadata alone
	discovery     rest.Interface     // says which kinds there are
	contents      *answers[workflow.NamespaceContents]
	kinds         *answers[servedKinds]

	whole rest.Interface // lists whole objects, as the API server sends them; for impact

	contentsPatience, impactPatience time.Duration
}

var (
	_ workflow.Contents = (*Live)(nil)
	_ workflow.Impact   = (*Live)(nil)
)

// pageSize is how many objects are asked for at a time, as kubectl does.
const pageSize = 500

// OpenLive reads the kubeconfig. It connects to nothing: a cluster that is away is
// no error.
func OpenLive(config LiveConfig) (*Live, error) {
	dialed, err := restConfig(config.Kubeconfig)
	if err != nil {
		return nil, err
	}
	l := &Live{
		config: config, contentsLimit: newLimiter(), contentsPatience: contentsPatience, impactPatience: impactPatience,
		contents: newAnswers[workflow.NamespaceContents](config.Clock), kinds: newAnswers[servedKinds](config.Clock),
	}
	forContents, forImpact := rest.CopyConfig(dialed), rest.CopyConfig(dialed)
	forContents.RateLimiter, forImpact.RateLimiter = l.contentsLimit, newLimiter()
	var problems [3]error
	l.metadata, problems[0] = metadata.NewForConfig(forContents)
	l.discovery, problems[1] = rest.UnversionedRESTClientFor(dynamic.ConfigFor(forContents))
	l.whole, problems[2] = rest.UnversionedRESTClientFor(dynamic.ConfigFor(forImpact))
	if err := errors.Join(problems[:]...); err != nil {
		return nil, fmt.Errorf("make clients of the kubeconfig %q: %w", config.Kubeconfig, err)
	}
	return l, nil
}

// unlisted says to a person why a kind could not be listed.
func unlisted(ctx context.Context, err error) string {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return "Tenure may not list them on the cluster."
	case errors.Is(err, errBusy):
		return "Tenure asks the cluster for too much at the moment. Look again soon."
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded), apierrors.IsTimeout(err), apierrors.IsServerTimeout(err):
		return "The cluster did not answer in time."
	}
	return "The cluster could not list them."
}

// gone says that a kind ceased to be while it was asked for, or was never to be listed.
func gone(err error) bool { return apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) }

// isOwn says whether a kind is one of Kubernetes' own, and not of some operator's.
func isOwn(kind schema.GroupVersionKind) bool {
	return !strings.Contains(kind.Group, ".") || strings.HasSuffix(kind.Group, ".k8s.io")
}

// kindText names a kind as kubectl does; with its group where that is not Kubernetes' own.
func kindText(kind schema.GroupVersionKind) string {
	if isOwn(kind) {
		return clean(kind.Kind)
	}
	return clean(kind.Kind + "." + kind.Group)
}

// missed names what could not be listed: operators have dozens of kinds each, of which
// the API group says enough.
func missed(kind schema.GroupVersionKind) string {
	if isOwn(kind) {
		return kindText(kind)
	}
	return clean(kind.Group)
}

// nextPage is how the next objects of a list are asked for.
func nextPage(token string) metav1.ListOptions {
	return metav1.ListOptions{Limit: pageSize, Continue: token}
}
