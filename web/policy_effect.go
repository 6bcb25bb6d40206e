package web

import "slices"

// PolicyEffectView is what another policy brings with it.
type PolicyEffectView struct {
	Live    LiveEffectView
	Tenants []TenantEffectView
	Unshown string // how many more files change than are shown; empty for none
}

// TenantEffectView is what another policy changes for a tenant.
type TenantEffectView struct {
	Tenant Link
	Counts string // "12 files of 3 namespaces"
	Places []PlaceEffectView
}

// PlaceEffectView is the files that change of a namespace, or beside the namespaces.
type PlaceEffectView struct {
	Name  string // "weu-1/payments-api-prod"; empty for files of no namespace
	Files []FileView
}

// Add puts a file with those of the same namespace, folded.
func (t *TenantEffectView) Add(place string, file FileView) {
	file.Open = false
	i := t.find(place)
	t.Places[i].Files = append(t.Places[i].Files, file)
}

// NameRest adds the namespaces of which no file is shown.
func (t *TenantEffectView) NameRest(places []string) {
	for _, place := range places {
		t.find(place)
	}
}

// find gives the index of a place, which it adds where it is missing.
func (t *TenantEffectView) find(place string) int {
	i := slices.IndexFunc(t.Places, func(p PlaceEffectView) bool { return p.Name == place })
	if i < 0 {
		t.Places = append(t.Places, PlaceEffectView{Name: place})
		i = len(t.Places) - 1
	}
	return i
}

// lines counts the lines that come and go over all files that are shown.
func (t TenantEffectView) lines() (added, removed int) {
	for _, place := range t.Places {
		for _, file := range place.Files {
			added += file.Added
			removed += file.Removed
		}
	}
	return added, removed
}

// LiveEffectView is what of the live objects another policy would refuse.
type LiveEffectView struct {
	At       Moment
	Looked   string // "1200 objects looked at"; empty where there is more to say
	Rows     []RefusedRow
	More     string       // how many more; empty for none
	Empty    string       // what to say where there is no row
	Unlooked []NamedWords // what could not be looked at, by cluster
}

// RefusedRow is a live object that would newly be refused.
type RefusedRow struct {
	Cluster   string
	Namespace Link
	Tenant    string
	Object    string
	Rule      Link
	Message   string
	Verdict   Badge
}
