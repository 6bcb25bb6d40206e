package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	kjson "sigs.k8s.io/json"

	"tenure.dev/k8s/admission"
	"tenure.dev/workflow"
)

var podKind = schema.GroupKind{Kind: "Pod"}

// comparison judges what lives on one cluster by two approved states.
type comparison struct {
	cluster       string
	before, after *admission.Snapshot
	now           time.Time
	tenants       map[string]string // of each namespace that is approved for the cluster

	owners  map[living]living    // what controls what
	judged  map[living]types.UID // what was judged itself, save pods
	named   map[newRefusal]bool
	objects int
	refused []workflow.RefusedLive
}

// living is an object that lives in a namespace.
type living struct{ namespace, kind, name string }

// newRefusal is what a rule refuses: an object, or what its maker makes.
type newRefusal struct {
	maker living
	rule  string
}

// made are the kinds of which workloads and operators make many that are alike: pods,
// the revisions and the runs that pods are of.
var made = map[string]bool{"Pod": true, "ReplicaSet": true, "Job": true}

// templated are the kinds that have their pods' template from what controls them,
// which is judged in their place: older revisions are made by it and not by people.
var templated = map[schema.GroupKind]schema.GroupKind{
	{Group: "apps", Kind: "ReplicaSet"}: {Group: "apps", Kind: "Deployment"},
	{Group: "batch", Kind: "Job"}:       {Group: "batch", Kind: "CronJob"},
}

func newComparison(before, after *workflow.ApprovedState, cluster string, now time.Time) (*comparison, error) {
	c := &comparison{cluster: cluster, now: now, tenants: map[string]string{}, owners: map[living]living{}, judged: map[living]types.UID{}, named: map[newRefusal]bool{}}
	var err error
	if c.before, err = admission.NewSnapshot(before, cluster); err != nil {
		return nil, fmt.Errorf("judge by what is approved: %w", err)
	}
	// Next would remember what was approved before, and forgive it.
	if c.after, err = admission.NewSnapshot(after, cluster); err != nil {
		return nil, fmt.Errorf("judge by what is asked for: %w", err)
	}
	for slug, tenancy := range after.Tenancies {
		for _, namespace := range tenancy.Namespaces {
			if namespace.Cluster == cluster {
				c.tenants[namespace.Name] = slug
			}
		}
	}
	return c, nil
}

// livePage is a list as the API server sends it, its objects still JSON.
type livePage struct {
	Metadata metav1.ListMeta   `json:"metadata"`
	Items    []json.RawMessage `json:"items"`
}

// compareKind compares all objects of a kind, page by page. all is false when there
// are more than were looked at.
func (l *Live) compareKind(ctx context.Context, r listable, c *comparison) (looked int, all bool, err error) {
	path := []string{"/apis", r.kind.Group, r.kind.Version, r.name}
	if r.kind.Group == "" {
		path = []string{"/api", r.kind.Version, r.name}
	}
	for token := ""; ; {
		asked := l.whole.Get().AbsPath(path...).Param("limit", fmt.Sprint(pageSize))
		if token != "" {
			asked = asked.Param("continue", token)
		}
		if r.kind.GroupKind() == podKind {
			asked = asked.Param("fieldSelector", livePods)
		}
		body, err := asked.Do(ctx).Raw()
		if err != nil {
			return looked, false, fmt.Errorf("list %s: %w", r.name, err)
		}
		var page livePage
		if err := kjson.UnmarshalCaseSensitivePreserveInts(body, &page); err != nil {
			return looked, false, fmt.Errorf("decode the list of %s: %w", r.name, err)
		}
		for _, item := range page.Items {
			if err := c.compare(r.kind, item); err != nil {
				return looked, false, err
			}
		}
		looked += len(page.Items)
		if token = page.Metadata.Continue; token == "" {
			return looked, true, nil
		}
		if looked >= impactMost {
			return looked, false, nil
		}
	}
}

// compare judges one object, and remembers what controls it. Only what is judged in
// its controller is left out. What operators control is not: their own objects say
// nothing of it, and it may have no pods at the moment.
func (c *comparison) compare(kind schema.GroupVersionKind, raw json.RawMessage) error {
	var head struct {
		Metadata struct {
			Name              string                  `json:"name"`
			Namespace         string                  `json:"namespace"`
			UID               types.UID               `json:"uid"`
			OwnerReferences   []metav1.OwnerReference `json:"ownerReferences"`
			DeletionTimestamp string                  `json:"deletionTimestamp"`
		} `json:"metadata"`
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(raw, &head); err != nil {
		return fmt.Errorf("decode a %s: %w", kind.Kind, err)
	}
	meta := head.Metadata
	if c.tenants[meta.Namespace] == "" || meta.DeletionTimestamp != "" {
		return nil
	}
	self := living{meta.Namespace, kind.Kind, meta.Name}
	for _, owner := range meta.OwnerReferences {
		if owner.Controller == nil || !*owner.Controller {
			continue
		}
		over := living{meta.Namespace, owner.Kind, owner.Name}
		c.owners[self] = over
		of := schema.FromAPIVersionAndKind(owner.APIVersion, owner.Kind).GroupKind()
		if templated[kind.GroupKind()] == of && c.judged[over] != "" && c.judged[over] == owner.UID {
			return nil
		}
	}
	judged := c.judge(self, admission.Live{Kind: kind, Namespace: meta.Namespace, Name: meta.Name, Object: raw})
	if judged && kind.GroupKind() != podKind {
		c.judged[self] = meta.UID
	}
	return nil
}

// judge judges an object by both states. Most are let through by the second, so that
// the first need not be asked.
func (c *comparison) judge(self living, live admission.Live) (judged bool) {
	after, judged := c.after.JudgeLive(live, c.now)
	if !judged {
		return false
	}
	c.objects++
	if len(after.Violations)+len(after.Warnings) == 0 {
		return true
	}
	before, was := c.before.JudgeLive(live, c.now)
	if !was {
		return true // it was rendered, and is taken away by who put it there
	}
	refused, warned := rulesOf(before.Violations), rulesOf(before.Warnings)
	for _, violation := range after.Violations {
		if !refused[violation.Rule] {
			c.name(self, violation, false)
		}
	}
	for _, violation := range after.Warnings {
		if !refused[violation.Rule] && !warned[violation.Rule] {
			c.name(self, violation, true)
		}
	}
	return true
}

func rulesOf(violations []workflow.Violation) map[string]bool {
	rules := map[string]bool{}
	for _, violation := range violations {
		rules[violation.Rule] = true
	}
	return rules
}

// name adds a newRefusal, once for the object and the rule, and of what is made by the
// same workload only the first one; none where the workload is named itself.
func (c *comparison) name(self living, violation workflow.Violation, warnOnly bool) {
	known := newRefusal{c.maker(self), violation.Rule}
	if c.named[known] {
		return
	}
	c.named[known] = true
	object := self.kind + " " + self.name
	if top := c.top(self); top != self {
		object += " of " + top.kind + " " + top.name
	}
	c.refused = append(c.refused, workflow.RefusedLive{
		Cluster: c.cluster, Namespace: self.namespace, Tenant: c.tenants[self.namespace],
		Object: clean(object), Rule: violation.Rule, Message: clean(violation.String()), WarnOnly: warnOnly,
	})
}

// maxOwners is how many controllers may stand over another: a chain ends after a few,
// and what its writers made a circle of ends here.
const maxOwners = 10

// over are what controls an object, what controls that, and so on.
func (c *comparison) over(self living) iter.Seq[living] {
	return func(yield func(living) bool) {
		for range maxOwners {
			above, controlled := c.owners[self]
			if !controlled || !yield(above) {
				return
			}
			self = above
		}
	}
}

// top is what people know an object by: the last of what is over it.
func (c *comparison) top(self living) living {
	for above := range c.over(self) {
		self = above
	}
	return self
}

// maker is what an object is one of many of: the workload or the operator's object
// that made it, for pods, revisions and runs; the object itself for all others, of
// which an operator may make different ones.
func (c *comparison) maker(self living) living {
	for above := range c.over(self) {
		if !made[self.kind] {
			break
		}
		self = above
	}
	return self
}
