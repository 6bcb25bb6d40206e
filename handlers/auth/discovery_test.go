package auth_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"tenure.dev/workflow"
)

func TestTheProviderIsLookedForWhenItIsNeededAndAgainWhenItWasAway(t *testing.T) {
	f := newForger(t)
	f.away = true
	portal := newForgedPortal(t, f, nil)
	ctx := context.Background()

	err := portal.auth.Ready(ctx)
	if problem, ok := workflow.AsProblem(err); !ok || problem.Kind != workflow.Unavailable {
		t.Fatalf("ready without a provider: %v", err)
	}
	expect(t, newBrowser(t).open(portal.url+"/who"), http.StatusServiceUnavailable, "Signing in is not possible at the moment")

	f.away = false
	if err := portal.auth.Ready(ctx); err == nil || f.lookups != 0 {
		t.Errorf("the provider is asked again at once: error %v, %d look-ups", err, f.lookups)
	}
	portal.clock.advance(3 * time.Second)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := portal.auth.Ready(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := portal.auth.Ready(ctx); err != nil {
		t.Error(err)
	}
	if f.lookups != 1 {
		t.Errorf("%d look-ups, want 1", f.lookups)
	}
	portal.clock.advance(-3 * time.Second)
	expect(t, newBrowser(t).open(portal.url+"/who"), http.StatusOK, danaID)
}
