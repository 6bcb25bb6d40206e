package cluster

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"

	"tenure.dev/workflow"
)

// restConfig reads a kubeconfig's path, or the account of the pod for InCluster.
func restConfig(kubeconfig string) (config *rest.Config, err error) {
	if kubeconfig == InCluster {
		config, err = rest.InClusterConfig()
	} else {
		config, err = clientcmd.BuildConfigFromFlags("", kubeconfig)
	}
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig %q: %w", kubeconfig, err)
	}
	config.UserAgent = "tenure"
	return config, nil
}

// dial makes a client of a kubeconfig's path, or of InCluster. It connects to
// nothing.
func dial(kubeconfig string) (*dynamic.DynamicClient, error) {
	config, err := restConfig(kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of the kubeconfig %q: %w", kubeconfig, err)
	}
	return client, nil
}

// Bounds of the pause between two tries to watch.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 5 * time.Second
)

// newReflector writes what is listed and watched into a store.
func newReflector(name, what string, source cache.ListerWatcher, store cache.ReflectorStore) *cache.Reflector {
	return newReflectorOf(&unstructured.Unstructured{}, name, what, source, store)
}

// newReflectorOf does the same for objects of another Go type.
func newReflectorOf(kind any, name, what string, source cache.ListerWatcher, store cache.ReflectorStore) *cache.Reflector {
	return cache.NewReflectorWithOptions(source, kind, store, cache.ReflectorOptions{
		Name: name, TypeDescription: what,
		Backoff: &wait.Backoff{Duration: firstPause, Factor: 2, Jitter: 0.2, Steps: 10, Cap: lastPause},
	})
}

// watchOn watches until the context ends, through whatever becomes of the cluster.
func watchOn(ctx context.Context, reflector *cache.Reflector, clock workflow.Clock) {
	pause := firstPause
	for ctx.Err() == nil {
		began := clock.Now()
		if err := reflector.ListAndWatchWithContext(ctx); err == nil || clock.Now().Sub(began) > lastPause {
			pause = firstPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
	}
}
