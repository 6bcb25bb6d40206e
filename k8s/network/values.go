package network

import (
	"slices"
	"strconv"
	"strings"
)

// valueSet is a set of values that one label may have, the label's absence among
// them: finite, or everything but finitely many. Such sets are closed under
// complement and intersection, so whatever selectors can say stays exact.
type valueSet struct {
	absent bool     // an object without the label is in
	others bool     // every value but those listed is in; else only those listed
	list   []string // ascending
}

var anyValue = valueSet{absent: true, others: true}

func (v valueSet) has(value string, present bool) bool {
	if !present {
		return v.absent
	}
	_, listed := slices.BinarySearch(v.list, value)
	return listed != v.others
}

// empty takes the values of labels as infinitely many, which they are for any
// policy that fits into an object.
func (v valueSet) empty() bool { return !v.absent && !v.others && len(v.list) == 0 }

func (v valueSet) complement() valueSet {
	return valueSet{absent: !v.absent, others: !v.others, list: v.list}
}

func (v valueSet) intersect(o valueSet) valueSet {
	result := valueSet{absent: v.absent && o.absent, others: v.others && o.others}
	switch {
	case v.others && o.others:
		result.list = merged(v.list, o.list)
	case v.others:
		result.list = kept(o.list, v)
	default:
		result.list = kept(v.list, o)
	}
	return result
}

func (v valueSet) equal(o valueSet) bool {
	return v.absent == o.absent && v.others == o.others && slices.Equal(v.list, o.list)
}

// kept gives those of the values that are in the set; the list itself if all are.
func kept(list []string, in valueSet) []string {
	outside := func(value string) bool { return !in.has(value, true) }
	if !slices.ContainsFunc(list, outside) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), outside)
}

func merged(a, b []string) []string {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// pick gives one member; present is false when the label is to be left out.
func (v valueSet) pick() (value string, present bool) {
	switch {
	case !v.others && len(v.list) > 0:
		return v.list[0], true
	case v.absent:
		return "", false
	}
	for n := 1; ; n++ {
		value = "other"
		if n > 1 {
			value += "-" + strconv.Itoa(n)
		}
		if v.has(value, true) {
			return value, true
		}
	}
}

// text writes the set as a selector of kubectl where one can say it.
func (v valueSet) text(key string) string {
	list := "(" + strings.Join(v.list, ", ") + ")"
	switch {
	case v.others && v.absent && len(v.list) == 1:
		return key + "!=" + v.list[0]
	case v.others && v.absent:
		return key + " notin " + list
	case v.others && len(v.list) == 0:
		return key
	case v.others:
		return key + ", " + key + " notin " + list
	case v.absent && len(v.list) == 0:
		return "!" + key
	case v.absent:
		return "(!" + key + " or " + key + " in " + list + ")"
	case len(v.list) == 1:
		return key + "=" + v.list[0]
	}
	return key + " in " + list
}
