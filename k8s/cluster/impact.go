package cluster

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tenure.dev/workflow"
)

// Bounds of judging everything that lives on a cluster.
const (
	impactPatience = 30 * time.Second
	impactMost     = 100 * pageSize // objects of a kind that are looked at, of all namespaces
)

// NewlyRefused lists what lives in the tenants' namespaces of the cluster, judges it
// as if an ordinary user made it now, by both states, and gives what the second
// refuses and the first does not: each object once for each rule, of the pods of a
// workload only the first, and none where the workload is named for the rule. Of the
// tenants' clusters that are not asked it says so.
func (l *Live) NewlyRefused(ctx context.Context, before, after *workflow.ApprovedState) (workflow.LiveEffect, error) {
	effect := workflow.LiveEffect{At: l.config.Clock.Now(), Unlooked: l.unasked(after)}
	_, was := before.Policy.Clusters[l.config.Cluster]
	_, is := after.Policy.Clusters[l.config.Cluster]
	if !was || !is {
		return effect, nil // there is nothing to compare
	}
	c, err := newComparison(before, after, l.config.Cluster, effect.At)
	if err != nil {
		return workflow.LiveEffect{}, err
	}
	asking, done := context.WithTimeout(ctx, l.impactPatience)
	defer done()
	unlooked := l.compareAll(asking, c)
	if err := ctx.Err(); err != nil {
		return workflow.LiveEffect{}, fmt.Errorf("look at what lives on cluster %q: %w", l.config.Cluster, err)
	}
	effect.Objects, effect.Refused = c.objects, c.refused
	effect.Unlooked = append(effect.Unlooked, unlooked...)
	slices.SortFunc(effect.Refused, func(a, b workflow.RefusedLive) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Object, b.Object), cmp.Compare(a.Rule, b.Rule))
	})
	if more := len(effect.Refused) - workflow.MaxRefused; more > 0 {
		effect.Refused, effect.More = effect.Refused[:workflow.MaxRefused:workflow.MaxRefused], more
	}
	return effect, nil
}

// unasked names the other clusters on which tenants have namespaces.
func (l *Live) unasked(state *workflow.ApprovedState) []workflow.UnlookedPart {
	others := map[string]bool{}
	for _, tenancy := range state.Tenancies {
		for _, namespace := range tenancy.Namespaces {
			if namespace.Cluster != l.config.Cluster {
				others[namespace.Cluster] = true
			}
		}
	}
	var parts []workflow.UnlookedPart
	for _, name := range slices.Sorted(maps.Keys(others)) {
		parts = append(parts, workflow.UnlookedPart{Cluster: name, Why: "Tenure does not watch this cluster."})
	}
	return parts
}

// compareAll compares every object of the cluster that rules look at, by kind and
// pods last: by then what makes them has been judged. Deployments come before their
// ReplicaSets, and CronJobs before their Jobs.
func (l *Live) compareAll(ctx context.Context, c *comparison) (unlooked []workflow.UnlookedPart) {
	miss := func(format string, values ...any) {
		unlooked = append(unlooked, workflow.UnlookedPart{Cluster: l.config.Cluster, Why: clean(fmt.Sprintf(format, values...))})
	}
	resources, unknown, err := l.resources(ctx, l.whole)
	if err != nil {
		miss("The cluster does not answer.")
		return unlooked
	}
	for _, group := range unknown {
		if !isMeasured(group) {
			miss("%s: %s", group, unknownGroup)
		}
	}
	for _, r := range podsLast(resources) {
		if !c.after.LooksAtLive(r.kind.GroupKind()) {
			continue
		}
		switch looked, all, err := l.compareKind(ctx, r, c); {
		case gone(err):
		case err != nil:
			miss("%s: %s", missed(r.kind), unlisted(ctx, err))
		case !all:
			miss("%s: only the first %d were looked at.", kindText(r.kind), looked)
		}
	}
	return unlooked
}

// podsLast puts the kind Pod behind all others.
func podsLast(resources []listable) []listable {
	isPod := func(r listable) bool { return r.kind.GroupKind() == podKind }
	pods := slices.DeleteFunc(slices.Clone(resources), func(r listable) bool { return !isPod(r) })
	return append(slices.DeleteFunc(resources, isPod), pods...)
}
