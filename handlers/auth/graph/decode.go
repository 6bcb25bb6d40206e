package graph

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

// user is what is asked for of a user: https://learn.microsoft.com/graph/api/resources/user
type user struct {
	ID       string `json:"id"`
	Name     string `json:"displayName"`
	UserName string `json:"userPrincipalName"`
	Type     string `json:"userType"` // empty with User.ReadBasic.All alone
}

// group is what is asked for of a group: https://learn.microsoft.com/graph/api/resources/group
type group struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
}

// page is one page of a collection.
type page[Item any] struct {
	Value []Item `json:"value"`
	Next  string `json:"@odata.nextLink"`
}

// decodePage reads a page. What holds no list is none: an empty group is "value": [].
func decodePage[Item any](data []byte) (page[Item], error) {
	var read page[Item]
	if err := json.Unmarshal(data, &read); err != nil {
		return read, fmt.Errorf("read Graph's answer: %w", err)
	}
	if read.Value == nil {
		return read, errors.New("read Graph's answer: it holds no value")
	}
	return read, nil
}

// decodeRefusal gives the code of an error, as Graph writes it; empty when it is none:
// https://learn.microsoft.com/graph/errors
func decodeRefusal(data []byte) string {
	var read struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &read) != nil {
		return ""
	}
	return codeOf(read.Error.Code)
}

var plainCode = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)

// codeOf lets through what looks like a code.
func codeOf(text string) string {
	if !plainCode.MatchString(text) {
		return ""
	}
	return text
}

// objectID is the user's or group's id, in lower case.
func objectID(text string) (string, error) {
	id := strings.ToLower(text)
	if !isObjectID(id) {
		return "", errors.New("read Graph's answer: an id in it is not one")
	}
	return id, nil
}

// account is the user as a person of Tenure.
func (u user) account(tenant string) workflow.Account {
	known := u.knownAs()
	return workflow.Account{
		ID: workflow.PersonID{Tenant: tenant, Object: u.ID}, User: known,
		Name: cmp.Or(auth.OneLine(u.Name), auth.OneLine(known), u.ID),
	}
}

// knownAs is the user name by which an AKS cluster knows the user: the user
// principal name, exactly as Entra writes it, and the object id of those who
// come from another tenant: https://learn.microsoft.com/azure/aks/azure-ad-rbac.
// Their user principal name holds #EXT#, which tells them apart where the
// application may not read the type. Empty where Graph does not say the name:
// the application lacks the permission User.ReadBasic.All then.
func (u user) knownAs() string {
	if strings.EqualFold(u.Type, "Guest") || strings.Contains(strings.ToUpper(u.UserName), "#EXT#") {
		return u.ID
	}
	return u.UserName
}
