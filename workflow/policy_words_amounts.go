package workflow

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// sizes tells what the sizes give. Namespaces keep the amounts that they were
// given, whatever their size comes to later.
func (d *policyDifference) sizes() {
	for _, name := range differing(d.before.Sizes, d.after.Sizes) {
		was, had := d.before.Sizes[name]
		is, has := d.after.Sizes[name]
		switch {
		case !had:
			d.say("Adds the size %s: %s.", name, is.words())
		case !has:
			d.say("Drops the size %s. Namespaces that were given it keep their amounts.", name)
		default:
			if words := is.changes(was); len(words) > 0 {
				d.say("The size %s gives other amounts: %s. Namespaces that were given it keep theirs.", name, strings.Join(words, ", "))
			}
		}
	}
}

// words list the amounts of a size: "2 CPU, 8Gi memory".
func (s Size) words() string {
	var words []string
	for _, a := range s.beside(Size{}) {
		if a.value != nil && !a.value.IsZero() {
			words = append(words, a.text()+" "+a.what)
		}
	}
	return strings.Join(words, ", ")
}

// containerDefaults tells what containers get that ask for nothing.
func (d *policyDifference) containerDefaults() {
	was, is := d.before.ContainerDefaults, d.after.ContainerDefaults
	var words []string
	for _, part := range []struct {
		what    string
		was, is ResourcePair
	}{{"requests", was.Requests, is.Requests}, {"limits", was.Limits, is.Limits}} {
		if part.was.CPU.Cmp(part.is.CPU) != 0 {
			words = append(words, fmt.Sprintf("%s of %s CPU instead of %s", part.what, part.is.CPU.String(), part.was.CPU.String()))
		}
		if part.was.Memory.Cmp(part.is.Memory) != 0 {
			words = append(words, fmt.Sprintf("%s of %s memory instead of %s", part.what, part.is.Memory.String(), part.was.Memory.String()))
		}
	}
	if len(words) > 0 {
		d.warn(SeverityInfo, "container defaults", "Containers that ask for nothing get %s, from their next start on.", listed(words, "and"))
	}
}

// registries tells what can be asked for out of the catalogue of registries.
func (d *policyDifference) registries() {
	for _, name := range differing(d.before.Registries, d.after.Registries) {
		was, had := d.before.Registries[name]
		is, has := d.after.Registries[name]
		users := d.usersOf(name)
		switch {
		case !had:
			d.say("Adds the registry %s to the catalogue: images %s.", name, listed(is.Images, "and"))
		case !has:
			d.say("Drops the registry %s, which no namespace has.", name)
		case len(gained(was.Images, is.Images)) > 0:
			severity := SeverityInfo
			if len(users) > 0 {
				severity = SeverityWarning
			}
			d.warn(severity, "widens a registry", "The registry %s lets images %s through as well%s.", name, listed(gained(was.Images, is.Images), "and"), inUse(users))
		case len(gained(is.Images, was.Images)) > 0:
			d.warn(SeverityInfo, "narrows a registry", "The registry %s no longer lets images %s through%s.", name, listed(gained(is.Images, was.Images), "and"), inUse(users))
		default:
			d.say("Describes the registry %s otherwise.", name)
		}
	}
}

// usersOf lists the namespaces that a registry was given to.
func (d *policyDifference) usersOf(registry string) []string {
	var users []string
	for _, tenancy := range d.state.Tenancies {
		for _, n := range tenancy.Namespaces {
			if slices.Contains(n.Registries, registry) {
				users = append(users, n.Name+" on "+n.Cluster)
			}
		}
	}
	slices.Sort(users)
	return users
}

// inUse names a few of those who have something.
func inUse(users []string) string {
	if len(users) == 0 {
		return ""
	}
	return ", in " + firstOf(users, 5)
}

// firstOf names the first of many: "a, b and 3 more".
func firstOf(names []string, most int) string {
	if len(names) <= most {
		return listed(names, "and")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// classifications tells by which classes namespaces say how confidential their
// data are.
func (d *policyDifference) classifications() {
	was, is := classNames(d.before.Classifications), classNames(d.after.Classifications)
	switch {
	case encode(d.before.Classifications) == encode(d.after.Classifications):
	case len(was) == 0:
		d.say("New namespaces must say how confidential their data are: %s.", strings.Join(is, ", "))
	case len(is) == 0:
		d.say("Namespaces no longer say how confidential their data are.")
	case slices.Equal(was, is):
		d.say("Describes the classes of data otherwise.")
	default:
		d.say("The classes of data are %s, instead of %s.", strings.Join(is, ", "), strings.Join(was, ", "))
	}
}

func classNames(classes []Classification) []string {
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = c.Name
	}
	return names
}

// notGivenAgain finds what was approved and would not be under the new policy.
// It stays: a policy takes nothing away.
func (d *policyDifference) notGivenAgain() {
	places := map[string][]string{}
	for _, slug := range slices.Sorted(maps.Keys(d.state.Tenancies)) {
		for _, n := range d.state.Tenancies[slug].Namespaces {
			alone := d.state.Tenancies[slug]
			alone.Namespaces = []Namespace{n}
			before := d.before.Conforms(alone)
			for _, problem := range d.after.Conforms(alone) {
				if !slices.Contains(before, problem) {
					places[problem.Message] = append(places[problem.Message], n.Name+" on "+n.Cluster)
				}
			}
		}
	}
	messages := slices.SortedFunc(maps.Keys(places), func(a, b string) int {
		return cmp.Or(len(places[b])-len(places[a]), strings.Compare(a, b))
	})
	for i, message := range messages {
		if i == maxUsers {
			d.find(SeverityWarning, "not given again", "There are %d more reasons why something would not be given again.", len(messages)-i)
			break
		}
		d.find(SeverityWarning, "not given again", "What was approved stays, and would not be given again: %s: %s.", firstOf(places[message], 5), strings.TrimSuffix(message, "."))
	}
}
