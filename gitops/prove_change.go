package gitops

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// proveChange judges a grant or an end: one tenancy changes, or those at both
// ends of what it gives or takes away; their files are exactly what the renderer
// makes of them, the request was not fulfilled before, and the act's own proof
// has no objection to what changed and who approved it.
func (l *ledger) proveChange(c *candidate, prove func(workflow.Proof) []string) (effect, []Objection, error) {
	tenants, objections := c.tenants()
	if earlier, found := l.fulfilled[c.message.Request]; found {
		objections = append(objections, c.objectToAll("is for request %d, which commit %s fulfilled already", c.message.Request, earlier)...)
	}
	renderer, problems := l.rendererOf(c)
	objections = append(objections, problems...)
	if len(objections) > 0 {
		return effect{}, objections, nil
	}
	var after effect
	var sides []workflow.OtherSide
	for _, tenant := range tenants {
		side, wrong, err := l.side(c, renderer, tenant)
		if err != nil {
			return effect{}, nil, err
		}
		objections = append(objections, wrong...)
		sides = append(sides, side)
		if side.After.Exists() {
			after.tenancies = append(after.tenancies, side.After)
		} else {
			after.removed = append(after.removed, tenant)
		}
	}
	if len(objections) > 0 {
		return effect{}, objections, nil
	}
	for _, tenancy := range after.tenancies {
		objections = append(objections, l.objectToTaken(c, tenancy)...)
	}
	files, err := l.fileChanges(c.changes)
	if err != nil {
		return effect{}, nil, err
	}
	proof := workflow.Proof{Policy: l.policy, Holders: l.tenancies, Files: files, Message: c.message, CommittedAt: c.commit.committedAt()}
	return after, append(objections, c.proveSides(proof, sides, prove)...), nil
}

// side reads one tenancy that the commit changes, and holds its files against it.
func (l *ledger) side(c *candidate, renderer workflow.Renderer, tenant string) (side workflow.OtherSide, objections []Objection, err error) {
	document := manifest.ApprovedPath(tenant)
	after, found, objections, err := l.tenancyAt(c, document)
	if err != nil || len(objections) > 0 {
		return side, objections, err
	}
	before, known := l.tenancies[tenant]
	if !known {
		before = workflow.Tenancy{Name: tenant}
	}
	if !found {
		if c.message.Act != workflow.ActEnd || !known {
			return side, []Objection{c.object(document, "is removed; only an end takes a tenancy away")}, nil
		}
		after = workflow.Tenancy{Name: tenant}
		objections, err = l.nothingLeft(c, tenant)
		return workflow.OtherSide{Before: before, After: after}, objections, err
	}
	objections, err = l.follows(c, renderer, l.policy, after)
	return workflow.OtherSide{Before: before, After: after}, objections, err
}

// proveSides has the act's own proof judge the change. Whose request it was is
// no trailer: it is the tenant for which the digest that was approved is the
// commit's, and there is one at most. Where none fits, the objections are those
// of the tenant that leaves the fewest.
func (c *candidate) proveSides(proof workflow.Proof, sides []workflow.OtherSide, prove func(workflow.Proof) []string) []Objection {
	var fewest []Objection
	for i, side := range sides {
		proof.Before, proof.After = side.Before, side.After
		proof.Others = slices.Delete(slices.Clone(sides), i, i+1)
		var objections []Objection
		for _, sentence := range prove(proof) {
			objections = append(objections, c.object(manifest.ApprovedPath(side.After.Name), "%s", sentence))
		}
		if i == 0 || len(objections) < len(fewest) {
			fewest = objections
		}
	}
	return fewest
}

// tenants lists the tenants whose tenancies the commit changes, by slug, and
// objects to files of any other.
func (c *candidate) tenants() ([]string, []Objection) {
	var tenants []string
	for _, change := range c.changes {
		if name, ok := manifest.ApprovedTenant(change.path); ok {
			tenants = append(tenants, name)
		}
	}
	slices.Sort(tenants)
	if len(tenants) == 0 {
		return nil, c.objectToAll("is of act %s and changes no tenancy", c.message.Act)
	}
	var objections []Objection
	for _, change := range c.changes {
		if !slices.Contains(tenants, tenantOf(change.path)) {
			objections = append(objections, c.object(change.path, "is changed by a commit of act %s for %s, whose file it is not", c.message.Act, strings.Join(tenants, ", ")))
		}
	}
	return tenants, objections
}

// tenancyAt reads a tenancy's document from the commit.
func (l *ledger) tenancyAt(c *candidate, document string) (tenancy workflow.Tenancy, found bool, objections []Objection, err error) {
	data, found, err := l.file(c.commit.tree, document)
	if err != nil || !found {
		return tenancy, false, nil, err
	}
	tenancy, problem := manifest.DecodeTenancy(document, data)
	return tenancy, true, documentObjections(c.hash.String(), document, problem), nil
}

// follows holds the commit's files of one tenancy against what the renderer
// makes of it: all of them are there, and no others.
func (l *ledger) follows(c *candidate, renderer workflow.Renderer, policy workflow.Policy, tenancy workflow.Tenancy) ([]Objection, error) {
	rendered, err := renderer.Render(policy, tenancy)
	if err != nil {
		return []Objection{c.object(manifest.ApprovedPath(tenancy.Name), "cannot be rendered: %v", err)}, nil
	}
	want := make(map[string]plumbing.Hash, len(rendered))
	for _, file := range rendered {
		want[file.Path] = plumbing.ComputeHash(plumbing.BlobObject, file.Content)
	}
	var objections []Objection
	changed := make(map[string]bool, len(c.changes))
	for _, change := range c.changes {
		if tenantOf(change.path) != tenancy.Name {
			continue
		}
		wanted, known := want[change.path]
		changed[change.path] = true
		switch {
		case !known && !change.after.IsZero():
			objections = append(objections, c.object(change.path, "does not follow from the tenancy of %q", tenancy.Name))
		case known && change.after.IsZero():
			objections = append(objections, c.object(change.path, "is removed, and follows from the tenancy of %q", tenancy.Name))
		case known && change.after != wanted:
			objections = append(objections, c.object(change.path, "is not what renderer %s makes of the tenancy of %q", renderer.Version(), tenancy.Name))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if changed[path] {
			continue
		}
		e, found, err := l.find(c.parent, path)
		if err != nil {
			return nil, err
		}
		if !found || e.Hash != want[path] || e.Mode != filemode.Regular {
			objections = append(objections, c.object(path, "is missing or old: renderer %s makes another of the tenancy of %q", renderer.Version(), tenancy.Name))
		}
	}
	left, err := l.leftBehind(c, tenancy.Name, func(path string) bool { _, follows := want[path]; return follows || changed[path] })
	return append(objections, left...), err
}

// nothingLeft objects to files of a tenant that is gone.
func (l *ledger) nothingLeft(c *candidate, tenant string) ([]Objection, error) {
	var objections []Objection
	changed := map[string]bool{}
	for _, change := range c.changes {
		if tenantOf(change.path) != tenant {
			continue
		}
		changed[change.path] = true
		if !change.after.IsZero() {
			objections = append(objections, c.object(change.path, "follows from no tenancy: that of %q is removed", tenant))
		}
	}
	path := manifest.ArgoCDPath(tenant)
	_, found, err := l.find(c.commit.tree, path)
	if err != nil {
		return nil, err
	}
	if found && !changed[path] {
		objections = append(objections, c.object(path, "is left, and no longer follows from the tenancy of %q", tenant))
	}
	left, err := l.leftBehind(c, tenant, func(path string) bool { return changed[path] })
	return append(objections, left...), err
}

// leftBehind objects to manifests of a tenant that the commit leaves as they
// were although they no longer follow from anything. The first commit leaves
// nothing as it was.
func (l *ledger) leftBehind(c *candidate, tenant string, known func(path string) bool) ([]Objection, error) {
	if c.parent.IsZero() {
		return nil, nil
	}
	folder, found, err := l.find(c.commit.tree, strings.TrimSuffix(clustersDir, "/"))
	if err != nil || !found || folder.Mode != filemode.Dir {
		return nil, err
	}
	clusters, err := l.objects.tree(folder.Hash)
	if err != nil {
		return nil, err
	}
	var objections []Objection
	for _, cluster := range clusters {
		if cluster.Mode != filemode.Dir {
			continue
		}
		own, found, err := l.find(cluster.Hash, tenant)
		if err != nil {
			return nil, err
		}
		if !found || own.Mode != filemode.Dir {
			continue
		}
		files, _, err := l.diff(plumbing.ZeroHash, own.Hash, maxChanges)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if path := clustersDir + cluster.Name + "/" + tenant + "/" + file.path; !known(path) {
				objections = append(objections, c.object(path, "is left, and no longer follows from the tenancy of %q", tenant))
			}
		}
	}
	return objections, nil
}

// objectToTaken objects to namespaces that another tenant has.
func (l *ledger) objectToTaken(c *candidate, after workflow.Tenancy) []Objection {
	var objections []Objection
	for _, n := range after.Namespaces {
		for _, other := range l.tenancies {
			if _, taken := other.Namespace(n.Cluster, n.Name); taken && other.Name != after.Name {
				objections = append(objections, c.object(manifest.ApprovedPath(after.Name), "namespace %s/%s belongs to %q", n.Cluster, n.Name, other.Name))
			}
		}
	}
	return objections
}

// fileChanges reads both sides of each change.
func (l *ledger) fileChanges(changes []treeChange) ([]workflow.FileChange, error) {
	files := make([]workflow.FileChange, len(changes))
	for i, change := range changes {
		files[i].Path = change.path
		for _, side := range []struct {
			hash plumbing.Hash
			into *[]byte
		}{{change.before, &files[i].Before}, {change.after, &files[i].After}} {
			if side.hash.IsZero() {
				continue
			}
			data, err := l.read(plumbing.BlobObject, side.hash)
			if err != nil {
				return nil, err
			}
			*side.into = data
		}
	}
	return files, nil
}
