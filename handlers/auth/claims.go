package auth

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"tenure.dev/workflow"
)

// maxName is how much of a display name is kept, in characters. Entra allows 256.
const maxName = 256

// claimReader turns the claims of a verified Entra ID token into an actor.
// Claims: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
type claimReader struct {
	tenants      []string // allowed values of tid
	issuerTenant string   // the tenant that the issuer names, when it names one
	appRoles     map[string]workflow.Role
}

// actor reads the claims. What does not have the shape that Entra gives it is
// refused: a group that is not seen is a right that is not checked.
func (r claimReader) actor(payload []byte) (workflow.Actor, error) {
	// A map, since decoding into a struct would also take "OID" for "oid".
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(payload, &claims); err != nil {
		return workflow.Actor{}, refuseToken("claims: %w", err)
	}
	id, err := r.personID(claims)
	if err != nil {
		return workflow.Actor{}, err
	}
	groups, err := groupIDs(claims)
	if err != nil {
		return workflow.Actor{}, err
	}
	roles, err := r.roles(claims)
	if err != nil {
		return workflow.Actor{}, err
	}
	var name, username string
	if err := decodeClaim(claims, "name", &name); err != nil {
		return workflow.Actor{}, err
	}
	if err := decodeClaim(claims, "preferred_username", &username); err != nil {
		return workflow.Actor{}, err
	}
	person := workflow.Person{ID: id, Name: OneLine(name), Username: OneLine(username)}
	if person.Name == "" {
		person.Name = person.Username
	}
	if person.Name == "" {
		person.Name = id.Object
	}
	return workflow.Actor{Person: person, Groups: groups, Roles: roles}, nil
}

// personID reads tid and oid, and lets in nobody from another tenant.
func (r claimReader) personID(claims map[string]json.RawMessage) (workflow.PersonID, error) {
	var id workflow.PersonID
	for claim, field := range map[string]*string{"tid": &id.Tenant, "oid": &id.Object} {
		if err := decodeClaim(claims, claim, field); err != nil {
			return workflow.PersonID{}, err
		}
		*field = strings.ToLower(*field)
		if !isUUID(*field) {
			return workflow.PersonID{}, refuseToken("claim %s: %q is not an id as Entra writes them", claim, *field)
		}
	}
	if !slices.Contains(r.tenants, id.Tenant) || (r.issuerTenant != "" && id.Tenant != r.issuerTenant) {
		return workflow.PersonID{}, workflow.Refuse(workflow.Forbidden,
			"Your account belongs to an organisation that has no access to this portal. Sign in with your work account.").
			Because(fmt.Errorf("claim tid: tenant %q is not allowed", id.Tenant))
	}
	return id, nil
}

// groupIDs reads the groups claim. When somebody is in too many groups for a
// token, Entra leaves them out and says where to ask (the overage claim):
// https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim
func groupIDs(claims map[string]json.RawMessage) ([]string, error) {
	var elsewhere map[string]json.RawMessage
	if err := decodeClaim(claims, "_claim_names", &elsewhere); err != nil {
		return nil, err
	}
	_, distributed := elsewhere["groups"]
	if _, implicit := claims["hasgroups"]; distributed || implicit {
		return nil, workflow.Refuse(workflow.Forbidden,
			"You are in more groups than a sign-in can carry (200), so Tenure cannot tell which teams are yours. "+
				"Ask your directory administrator to assign the groups that Tenure uses to its application, and to send only those.")
	}
	var groups []string
	if err := decodeClaim(claims, "groups", &groups); err != nil {
		return nil, err
	}
	for i, group := range groups {
		groups[i] = strings.ToLower(group)
		if !isUUID(groups[i]) {
			return nil, workflow.Refuse(workflow.Forbidden,
				"The directory sends names of groups where Tenure needs their object ids. Ask your directory administrator to send group ids to Tenure's application.").
				Because(fmt.Errorf("claim groups: %q is not an object id", group))
		}
	}
	slices.Sort(groups)
	return slices.Compact(groups), nil
}

// roles reads the app roles. Values that Tenure does not know give nothing.
func (r claimReader) roles(claims map[string]json.RawMessage) ([]workflow.Role, error) {
	var values []string
	if err := decodeClaim(claims, "roles", &values); err != nil {
		return nil, err
	}
	var roles []workflow.Role
	for _, value := range values {
		if role, known := r.appRoles[value]; known {
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles), nil
}

// decodeClaim reads one claim, when it is there.
func decodeClaim(claims map[string]json.RawMessage, name string, into any) error {
	raw, found := claims[name]
	if !found {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return refuseToken("claim %s: %w", name, err)
	}
	return nil
}

// refuseToken is the refusal of a token that cannot be relied on. The person
// gets one sentence; what was wrong is for the log.
func refuseToken(format string, args ...any) *workflow.Problem {
	return workflow.Refuse(workflow.Forbidden,
		"What the identity provider said of you could not be verified, so you were not signed in. Start again; if it happens again, tell the platform team.").
		Because(fmt.Errorf(format, args...))
}

// OneLine keeps what can be seen of a name. Names go into commit trailers,
// where a line break would begin another trailer, and onto pages, where
// invisible characters could make one name look like another.
func OneLine(text string) string {
	visible := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	joined := []rune(strings.Join(strings.Fields(visible), " "))
	return strings.TrimSpace(string(joined[:min(len(joined), maxName)]))
}
