package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Edits compares two states of one tenancy entry by entry. Entries are the
// tenancy's own fields, its namespaces and what these were given beyond
// themselves; each side is canonical JSON.
func Edits(before, after Tenancy) []Edit {
	was, is := entries(before), entries(after)
	names := slices.Collect(maps.Keys(was))
	for name := range is {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var edits []Edit
	for _, name := range names {
		if was[name] != is[name] {
			edits = append(edits, Edit{Entry: name, Before: was[name], After: is[name]})
		}
	}
	return edits
}

// What begins the name of an entry.
const (
	namespaceEntry = "namespace "
	exceptionEntry = "network exception "
	quotaEntry     = "quota "
)

// entries takes a tenancy apart. A namespace's entry is named after its place,
// and a grant's after its place and what tells it apart there, so that two
// requests for different namespaces touch different entries, and so do two
// requests for exceptions in one namespace. A quota that another request gave
// than the namespace's own is an entry, too.
func entries(t Tenancy) map[string]string {
	if t.none() {
		return nil
	}
	parts := map[string]string{
		"displayName": encode(t.DisplayName),
		"contact":     encode(t.Contact),
		"costCentre":  encode(t.CostCentre),
		"request":     encode(t.Request),
		"owners":      encode(t.Owners),
		"members":     encode(t.Members),
		"ceiling":     encode(t.Ceiling),
		// As with access below, the order means nothing.
		"clusters":     encode(slices.Sorted(slices.Values(t.Clusters))),
		"repositories": encode(slices.Sorted(slices.Values(t.Repositories))),
	}
	for _, n := range t.Namespaces {
		// The order of lists means nothing, and the document has one of its own.
		n = n.ordered()
		n.Access = slices.Clone(n.Access)
		slices.SortFunc(n.Access, Access.compare)
		place := n.Cluster + "/" + n.Name
		for _, g := range n.Grants() {
			parts[g.name()] = g.entry
		}
		n.Quota.Raise = nil
		if n.Quota.Request != n.Request {
			parts[quotaEntry+place] = encode(n.Quota)
			n.Quota = Quota{}
		}
		n.Network, n.Exemptions = nil, nil
		n.Access = without(n.Access, func(a Access) bool { return a.Request != n.Request })
		parts[namespaceEntry+place] = encode(n)
	}
	return parts
}

// encode writes plain data as JSON; field order is the type's, so that equal
// values give equal bytes.
func encode(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic("workflow: plain data always encodes: " + err.Error())
	}
	return string(data)
}

// digestOf computes what a vote covers: the request, its change to the tenancy,
// the images of the registries that it gives, the manifests it touches, the stages, the renderer's version and the frozen
// planning time. The tenancy's document and its objects for Argo CD are left
// out: they also hold what other requests gave, and their change follows from
// the edits. So is everything advisory: summary and findings. Of another policy
// the document is covered, before and after, and not what follows from it for
// the tenancies: then no vote on it is void because somebody was granted something.
func digestOf(request int64, kind Kind, tenant string, plan Plan) Digest {
	type file struct{ Path, Before, After string }
	covered := struct {
		Request  int64
		Kind     Kind
		Tenant   string
		Edits    []Edit
		Images   map[string][]string `json:",omitempty"`
		Files    []file
		Stages   []Stage
		Renderer string
		At       string
	}{Request: request, Kind: kind, Tenant: tenant, Edits: plan.Edits, Images: plan.Images, Stages: plan.Stages, Renderer: plan.Renderer, At: plan.PlannedAt.UTC().Format(time.RFC3339Nano)}
	if kind == KindPolicy {
		covered.Edits = nil // they follow from the document
	}
	for _, f := range plan.Files {
		if kind == KindPolicy && f.Path != PolicyPath {
			continue
		}
		if !strings.HasPrefix(f.Path, "approved/") && !strings.HasPrefix(f.Path, "argocd/") {
			covered.Files = append(covered.Files, file{f.Path, contentSum(f.Before), contentSum(f.After)})
		}
	}
	return Digest(contentSum([]byte(encode(covered))))
}

// contentSum is the SHA-256 of a file's content; empty for no file.
func contentSum(content []byte) string {
	if content == nil {
		return ""
	}
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// compareFiles lists the files that differ between two renderings, by path.
func compareFiles(before, after []File) []FileChange {
	changes := map[string]FileChange{}
	for _, f := range before {
		changes[f.Path] = FileChange{Path: f.Path, Before: f.Content}
	}
	for _, f := range after {
		change := changes[f.Path]
		change.Path, change.After = f.Path, f.Content
		changes[f.Path] = change
	}
	var differ []FileChange
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		if change := changes[path]; contentSum(change.Before) != contentSum(change.After) {
			differ = append(differ, change)
		}
	}
	return differ
}
