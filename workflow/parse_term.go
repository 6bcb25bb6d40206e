package workflow

import (
	"fmt"
	"strings"
	"time"
)

// term is for how long something may be given.
type term struct {
	what    string // "a network exception"
	longest time.Duration
}

// term gives the bound of what is given for a time.
func (l TermLimits) term(what string) term { return termOf(what, l.MaxDuration) }

// term gives the bound of access that ends.
func (l AccessLimits) term() term { return termOf("access with an end", l.MaxDuration) }

func termOf(what string, most Duration) term {
	if most == 0 {
		most = DefaultTerm
	}
	return term{what, time.Duration(most)}
}

// checkTerm holds an end as typed against the planning time; none is no end.
// What is not written as an end has its own message.
func checkTerm(text string, at time.Time, term term) []FieldProblem {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	until, message := parseUntil(text)
	if message == "" {
		message = term.check(until, at)
		if message != "" {
			return []FieldProblem{{Field: "until", Message: message}}
		}
	}
	return nil
}

// check says what is wrong with an end at the planning time.
func (t term) check(until, at time.Time) string {
	first, last := at.UTC().Add(leastDuration), at.UTC().Add(t.longest)
	switch {
	case !until.After(at):
		return fmt.Sprintf("%s has passed. %s", untilText(until), between(first, last))
	case until.Before(first):
		return fmt.Sprintf("%s is too soon: people have to decide first. %s", untilText(until), between(first, last))
	case until.After(last):
		return fmt.Sprintf("%s is too far off: %s lasts at most %s. The last day allowed is %s.", untilText(until), t.what, daysText(t.longest), last.Format(time.DateOnly))
	}
	return ""
}

// typedProblems collects what is wrong with the fields of a change.
type typedProblems []FieldProblem

// add adds a problem, unless there is nothing to say.
func (p *typedProblems) add(field, message string) {
	if message != "" {
		*p = append(*p, FieldProblem{Field: field, Message: message})
	}
}

// addReason checks a reason, with what to say where there is none.
func (p *typedProblems) addReason(field, reason, missing string) {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		p.add(field, missing)
		return
	}
	p.add(field, checkText(reason, maxReason, true))
}

// needNamespace is said where no namespace is chosen.
const needNamespace = "Choose the namespace."
