package workflow

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Comment adds what somebody says to a request's conversation. It decides
// nothing, and whoever sees the request reads it.
func (s *Service) Comment(ctx context.Context, actor Actor, id int64, text string) (Request, error) {
	request, state, err := s.load(ctx, actor, id)
	if err != nil {
		return Request{}, err
	}
	events, err := s.Store.Events(ctx, id)
	if err != nil {
		return Request{}, storeFault(err)
	}
	said := 0
	for _, event := range events {
		if event.Type == EventCommented && event.By.ID == actor.ID {
			said++
		}
	}
	if said >= maxComments {
		return Request{}, Refuse(Conflict, fmt.Sprintf("You made %d comments on this request, which is the most that one person can. Go on elsewhere.", said))
	}
	return s.applyShown(ctx, state, request, actor, CommentCommand{Text: text, Tenancies: state.Tenancies})
}

// maxComments bounds what one person says on one request.
const maxComments = 100

// CommentCommand records what somebody said. Auditors change nothing, so they
// say nothing either, unless the tenant is theirs.
type CommentCommand struct {
	Text      string
	Tenancies map[string]Tenancy // as approved now; they tell whether the actor takes part
}

func (CommentCommand) from() []State { return States() }

func (c CommentCommand) decide(r Request, actor Actor, now time.Time) (Request, []Event, error) {
	if !c.takesPart(r, actor) {
		return r, nil, Refuse(Forbidden, "Who asked, the tenants' people, security and admins talk about a request here; you can only read it.")
	}
	text := strings.TrimSpace(c.Text)
	message := checkText(text, maxReason, true)
	if text == "" {
		message = "Write what you want to say."
	}
	if message != "" {
		return r, nil, invalidFields([]FieldProblem{{Field: "comment", Message: message}})
	}
	return r, []Event{r.event(EventCommented, actor.Person, r.State, text, now)}, nil
}

// takesPart says whether the actor has a say in the request: who asked, people
// of the tenants that it concerns, security and admins.
func (c CommentCommand) takesPart(r Request, actor Actor) bool {
	return actor.ID == r.RequestedBy.ID || actor.HoldsAppRole(RoleSecurity) || actor.HoldsAppRole(RoleAdmin) ||
		actor.Asks(c.Tenancies[r.Tenant]) || r.Plan.Peer() != "" && actor.Holds(RolePeerOwner, c.Tenancies[r.Plan.Peer()])
}
