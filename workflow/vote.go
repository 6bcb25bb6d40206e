package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// VoteCommand is one person's vote. Policy and tenancies are those of the last
// verified commit; they tell whether the actor may vote.
type VoteCommand struct {
	Ballot  Ballot
	Policy  Policy
	Tenancy Tenancy // of the tenant that asks
	Peer    Tenancy // of the other tenant that the request reaches; none without one
}

func (VoteCommand) from() []State { return []State{StateInReview} }

func (c VoteCommand) decide(r Request, actor Actor, now time.Time) (Request, []Event, error) {
	stage, err := c.mayVote(r, actor)
	if err != nil {
		return r, nil, err
	}
	if c.Ballot.Digest != r.Plan.Digest {
		return r, nil, Refuse(Conflict, "The plan has changed since you opened this page. Your vote was not counted; read the plan below and vote again.")
	}
	reason, err := c.Ballot.check()
	if err != nil {
		return r, nil, err
	}
	r.Reviews = append(r.Reviews, Review{
		Person: actor.Person, Stage: stage, Vote: c.Ballot.Vote, Reason: reason, Digest: r.Plan.Digest, At: now,
	})
	switch c.Ballot.Vote {
	case VoteReject:
		return r.closeReview(EventRejected, StateRejected, actor, reason, now)
	case VoteChanges:
		return r.closeReview(EventChangesRequested, StateChangesRequested, actor, reason, now)
	}
	events := []Event{r.event(EventApprovedStage, actor.Person, r.State, reason, now)}
	if _, open := r.OpenStage(); !open {
		events = append(events, r.event(EventApproved, Person{}, StateApproved, "", now))
		r.State, r.Reason = StateApproved, ""
	}
	return r, events, nil
}

// closeReview ends the review with the vote that was just given.
func (r Request) closeReview(kind EventType, to State, actor Actor, reason string, now time.Time) (Request, []Event, error) {
	event := r.event(kind, actor.Person, to, reason, now)
	r.State, r.Reason = to, reason
	return r, []Event{event}, nil
}

// mayVote says in which stage the actor votes, or why not.
func (c VoteCommand) mayVote(r Request, actor Actor) (Role, error) {
	if actor.Pipeline {
		return "", Refuse(Forbidden, "You are a pipeline. Pipelines ask and read; it is for people to review.")
	}
	if actor.ID == r.RequestedBy.ID {
		return "", Refuse(Forbidden, "You asked for this, so somebody else has to review it.")
	}
	if r.Plan.registers(actor.ID) {
		return "", Refuse(Forbidden, "This puts you into the register of reviewers, so somebody else has to review it.")
	}
	if r.Plan.gains(actor.ID) {
		return "", Refuse(Forbidden, "This gives you access, so somebody else has to review it.")
	}
	if r.Plan.enrols(actor) {
		return "", Refuse(Forbidden, "This makes a group that you are in the tenant's owners or members, so somebody else has to review it.")
	}
	if slices.ContainsFunc(r.Reviews, func(v Review) bool { return v.Person.ID == actor.ID && !v.Void }) {
		return "", Refuse(Forbidden, "You have already voted on this request. Each person has one vote.")
	}
	open, found := r.OpenStage()
	if !found {
		return "", Refuse(Conflict, "Every stage of this request has its approvals.")
	}
	role := open.Stage.Role
	if !actor.Holds(role, c.tenancyOf(role)) {
		return "", Refuse(Forbidden, fmt.Sprintf("This waits for %s, a role that you do not hold here.", c.waitsFor(role)))
	}
	if !c.Policy.Registered(role, actor.ID) {
		return "", Refuse(Forbidden, fmt.Sprintf("You hold the role %s, but you are not in the policy's register of %s reviewers, so your vote would not count. Ask a platform admin to add you.", role, role))
	}
	return role, nil
}

// gains says whether the plan gives a person access by name.
func (p Plan) gains(id PersonID) bool {
	return slices.ContainsFunc(p.sides()[0].changed(), func(n Namespace) bool {
		before, _ := p.Before.Namespace(n.Cluster, n.Name)
		return slices.ContainsFunc(n.Access, func(a Access) bool {
			had := slices.ContainsFunc(before.Access, func(b Access) bool { return encode(b) == encode(a) })
			return a.Person == id.Object && !id.IsZero() && !had
		})
	})
}

// enrols says whether the plan makes a group that the person is in the owners or
// the members of a tenant, which it was neither of before. Whoever is in such a
// group has an interest of their own.
func (p Plan) enrols(actor Actor) bool {
	before, after := p.Before, p.After
	return slices.ContainsFunc(actor.Groups, func(group string) bool {
		was := group == before.Owners.Group || group == before.Members.Group
		is := group == after.Owners.Group || group == after.Members.Group
		return is && (!was || group == after.Owners.Group && group != before.Owners.Group)
	})
}

// tenancyOf is the tenancy in which a role is held, where it is held in one.
func (c VoteCommand) tenancyOf(role Role) Tenancy {
	if role == RolePeerOwner {
		return c.Peer
	}
	return c.Tenancy
}

// waitsFor names a stage's people.
func (c VoteCommand) waitsFor(role Role) string {
	if role == RoleOwner || role == RolePeerOwner {
		return "an owner of " + c.tenancyOf(role).Name
	}
	return string(role)
}

// check cleans the reason, which a vote other than approval must have.
func (b Ballot) check() (string, error) {
	reason := strings.TrimSpace(b.Reason)
	if b.Vote != VoteApprove && b.Vote != VoteReject && b.Vote != VoteChanges {
		return "", invalidFields([]FieldProblem{{Field: "vote", Message: "Choose to approve, to ask for changes, or to reject."}})
	}
	if b.Vote != VoteApprove && reason == "" {
		return "", invalidFields([]FieldProblem{{Field: "reason", Message: "Say why, so that the person who asked knows what to do."}})
	}
	if message := checkText(reason, maxReason, true); message != "" {
		return "", invalidFields([]FieldProblem{{Field: "reason", Message: message}})
	}
	return reason, nil
}
