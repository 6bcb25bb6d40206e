package flowlog

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"tenure.dev/workflow"
)

// Party is one end of an observed flow: a pod, or an address outside the cluster.
type Party struct {
	Namespace string            // empty where no pod is known to be there
	Labels    map[string]string // of the pod
	Address   netip.Addr        // not valid where the log leaves it out
	Names     []string          // DNS names that the log gives for the address; sorted
}

// IsPod says whether the party is known to be a pod.
func (p Party) IsPod() bool { return p.Namespace != "" }

// Observation is traffic that was seen, from the side that began it.
type Observation struct {
	From, To    Party
	Protocol    string // TCP, UDP or SCTP
	Port        int32  // of the destination
	Flows       int64  // how many flows or connections
	Denied      int64  // how many of them the network engine had dropped
	First, Last time.Time
}

// Log is what was read of a file of flows.
type Log struct {
	Format       Format
	Observations []Observation // alike ones together, in a stable order
	Records      int64         // flows that the file lists
	Passed       map[string]int64
}

// Format is the kind of file.
type Format string

// The formats.
const (
	Hubble Format = "Hubble JSON"
	Calico Format = "Calico flow log"
	Azure  Format = "Azure flow log"
)

// Reasons why a record is not an observation. They stand in Log.Passed.
const (
	skippedReply    = "answers to flows that are listed"
	skippedProtocol = "neither TCP, UDP nor SCTP"
	skippedEnds     = "an end without address and pod"
	skippedHost     = "hosts, not pods"
	skippedTwice    = "told by the source as well"
)

// tally puts alike observations together.
type tally struct {
	seen   map[string]*Observation
	passed map[string]int64
	count  int64
}

func newTally() *tally { return &tally{seen: map[string]*Observation{}, passed: map[string]int64{}} }

// pass counts a record that is no observation.
func (t *tally) pass(reason string) { t.count, t.passed[reason] = t.count+1, t.passed[reason]+1 }

// add counts an observation.
func (t *tally) add(o Observation) {
	t.count++
	if !o.From.IsPod() && !o.From.Address.IsValid() || !o.To.IsPod() && !o.To.Address.IsValid() {
		t.passed[skippedEnds]++
		return
	}
	o.From, o.To = o.From.clean(), o.To.clean()
	key := strings.Join([]string{o.From.key(), o.To.key(), o.Protocol, strconv.Itoa(int(o.Port))}, "\x00")
	known, found := t.seen[key]
	if !found {
		t.seen[key] = &o
		return
	}
	known.Flows += o.Flows
	known.Denied += o.Denied
	if o.First.Before(known.First) {
		known.First = o.First
	}
	if o.Last.After(known.Last) {
		known.Last = o.Last
	}
}

// log gives what was counted, in an order that does not depend on the file's.
func (t *tally) log(format Format) Log {
	keys := slices.Sorted(maps.Keys(t.seen))
	log := Log{Format: format, Records: t.count, Passed: t.passed, Observations: make([]Observation, len(keys))}
	for i, key := range keys {
		log.Observations[i] = *t.seen[key]
	}
	return log
}

// clean leaves out of a pod its address, which other pods of its workload do not
// share.
func (p Party) clean() Party {
	if p.IsPod() {
		return Party{Namespace: p.Namespace, Labels: p.Labels}
	}
	return Party{Address: p.Address.Unmap(), Names: p.Names}
}

// key is the same for all that is asked for together: the pods of a workload, or
// an address. The labels of an observation are those of the pod that was seen
// first.
func (p Party) key() string {
	if p.IsPod() {
		return p.Namespace + "/" + workflow.LabelsTyped(identity(p.Labels))
	}
	return p.Address.String() + " " + strings.Join(p.Names, " ")
}

// identityKeys are the labels by which a workload's pods are told from others,
// the best first; the first two are the recommended labels of Kubernetes.
var identityKeys = []string{"app.kubernetes.io/name", "app.kubernetes.io/component", "app", "k8s-app", "name"}

// identity picks the labels that name a pod's workload: the recommended ones
// where they are set, else the first of the usual ones. Labels that change with
// every rollout, such as pod-template-hash, are never among them.
func identity(labels map[string]string) map[string]string {
	picked := map[string]string{}
	for i, key := range identityKeys {
		if value, has := labels[key]; has && (i < 2 || len(picked) == 0) {
			picked[key] = value
		}
	}
	if len(picked) == 0 {
		return nil
	}
	return picked
}
