package workflow

import (
	"slices"
	"strings"
)

// reviewers tells whose votes count from then on, and whose no longer do.
func (d *policyDifference) reviewers() {
	for _, role := range []Role{RoleSecurity, RoleAdmin} {
		was, is := d.before.Reviewers[role], d.after.Reviewers[role]
		if len(was) > 0 && len(is) == 0 {
			d.warn(SeverityDanger, "no register", "Does away with the register of %s reviewers: the votes of all who hold the role %s in the directory count from then on, and nobody can prove later who they were.", role, role)
			continue
		}
		if len(was) == 0 && len(is) > 0 {
			d.say("Begins a register of %s reviewers: no longer do the votes of all count who hold the role %s in the directory.", role, role)
		}
		for _, r := range is {
			i := slices.IndexFunc(was, func(known Reviewer) bool { return known.ID == r.ID })
			switch {
			case i < 0 && r.ID == d.requester.String():
				d.warn(SeverityDanger, "adds themself", "Who asks for this, %s, puts themself into the register of %s reviewers: their vote counts from then on.", r.text(), role)
			case i < 0:
				d.warn(SeverityWarning, "adds a reviewer", "Puts %s into the register of %s reviewers: their vote counts from then on.", r.text(), role)
			case was[i].Name != r.Name:
				d.say("Writes %q for %q in the register of %s reviewers.", r.Name, was[i].Name, role)
			}
		}
		for _, r := range was {
			if !slices.ContainsFunc(is, func(kept Reviewer) bool { return kept.ID == r.ID }) {
				d.warn(SeverityWarning, "removes a reviewer", "Takes %s out of the register of %s reviewers: their votes no longer count, those under way included.", r.text(), role)
			}
		}
	}
}

// text names a reviewer by what nobody else has.
func (r Reviewer) text() string {
	if r.Name == "" {
		return r.ID
	}
	return r.Name + " (" + r.ID + ")"
}

// reviews tells who must agree to what from then on.
func (d *policyDifference) reviews() {
	was, is := d.before.Reviews, d.after.Reviews
	if encode(was) == encode(is) {
		return
	}
	d.platformStages()
	dropped := missingRules(is, was)
	for _, rule := range missingRules(was, is) {
		i := slices.IndexFunc(dropped, func(old ReviewRule) bool { return old.Concerns() == rule.Concerns() })
		if i < 0 {
			d.warn(SeverityWarning, "changes who reviews", "From then on %s: %s must agree.", rule.asks(), stagesWords(rule.Stages))
			continue
		}
		d.restaged(dropped[i], rule)
		dropped = slices.Delete(dropped, i, i+1)
	}
	for _, rule := range dropped {
		d.warn(SeverityDanger, "drops a review", "No longer has an entry of its own for %s, to which %s had to agree.", rule.Concerns(), stagesWords(rule.Stages))
	}
	if len(missingRules(was, is))+len(missingRules(is, was)) == 0 {
		d.warn(SeverityWarning, "changes who reviews", "Puts the entries of reviews into another order. The first that fits a request decides who must agree.")
	}
}

// platformStages tells where fewer decide what is the platform's own: with entries
// that name the kind or without, and whichever of them comes first.
func (d *policyDifference) platformStages() {
	for _, kind := range []Kind{KindTenant, KindPolicy} {
		was, _ := d.before.stagesFor(kind, Plan{})
		is, _ := d.after.stagesFor(kind, Plan{})
		if fewer(was, is) {
			d.warn(SeverityDanger, "fewer reviewers", "From then on every %s request is decided by %s instead of %s.", kind, stagesWords(is), stagesWords(was))
		}
	}
}

// fewer says whether fewer people of any role must agree than before.
func fewer(was, is []Stage) bool {
	return slices.ContainsFunc(was, func(before Stage) bool {
		i := slices.IndexFunc(is, func(s Stage) bool { return s.Role == before.Role })
		return i < 0 || is[i].Needed < before.Needed
	})
}

// restaged tells that other stages decide the same requests.
func (d *policyDifference) restaged(was, is ReviewRule) {
	severity, label := SeverityWarning, "changes who reviews"
	if fewer(was.Stages, is.Stages) {
		severity, label = SeverityDanger, "fewer reviewers"
	}
	d.warn(severity, label, "From then on %s: %s must agree instead of %s.", is.asks(), stagesWords(is.Stages), stagesWords(was.Stages))
}

// asks says which requests an entry of reviews is about, at the head of a sentence.
func (r ReviewRule) asks() string { return "for " + r.Concerns() }

// missingRules lists the entries that the other list does not have.
func missingRules(has, list []ReviewRule) []ReviewRule {
	return slices.DeleteFunc(slices.Clone(list), func(rule ReviewRule) bool {
		return slices.ContainsFunc(has, func(other ReviewRule) bool { return encode(other) == encode(rule) })
	})
}

// stagesWords say who must agree: "1 owner and 2 of security".
func stagesWords(stages []Stage) string {
	words := make([]string, len(stages))
	for i, s := range stages {
		switch s.Role {
		case RoleOwner, RoleAdmin:
			words[i] = counted(s.Needed, string(s.Role))
		default:
			words[i] = counted(s.Needed, "person")
			words[i] = strings.Replace(words[i], "persons", "people", 1) + " of " + string(s.Role)
		}
	}
	return listed(words, "and")
}

// fallback tells who decides what nobody else can.
func (d *policyDifference) fallback() {
	if d.before.Fallback != d.after.Fallback {
		d.warn(SeverityWarning, "changes who reviews", "What too few people could decide falls to %s instead of %s.", d.after.Fallback, d.before.Fallback)
	}
}
