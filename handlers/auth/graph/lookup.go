package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tenure.dev/handlers/auth"
	"tenure.dev/workflow"
)

const (
	mostGroups = 20  // that a search gives
	mostName   = 256 // characters of a group's name in Entra
)

// members are the users of a group.
type members struct {
	users []user
	known bool // there is such a group
}

// Members lists the people of a group, those of the groups in it included. known is
// false where there is no such group. A group with hidden membership seems empty
// unless the application has the permission Member.Read.Hidden.
func (c *Client) Members(ctx context.Context, group string) (people []workflow.PersonID, known bool, err error) {
	found, err := c.members(ctx, group)
	if err != nil {
		return nil, false, err
	}
	for _, user := range found.users {
		people = append(people, workflow.PersonID{Tenant: c.config.Tenant, Object: user.ID})
	}
	return people, found.known, nil
}

// People lists the people of a group, those of the groups in it included, by
// name. known is false where there is no such group.
func (c *Client) People(ctx context.Context, group string) (people []workflow.Account, known bool, err error) {
	found, err := c.members(ctx, group)
	if err != nil {
		return nil, false, err
	}
	for _, user := range found.users {
		people = append(people, user.account(c.config.Tenant))
	}
	slices.SortFunc(people, func(a, b workflow.Account) int {
		return cmp.Or(byName(a.Name, b.Name), cmp.Compare(a.ID.Object, b.ID.Object))
	})
	return people, found.known, nil
}

func (c *Client) members(ctx context.Context, group string) (members, error) {
	id := strings.ToLower(group)
	if !isObjectID(id) {
		return members{}, nil // no group has such an id
	}
	return recall(ctx, &c.memory, "members "+id, func(ctx context.Context) (members, error) {
		users, err := collect[user](ctx, c, c.address("/groups/"+id+"/transitiveMembers/microsoft.graph.user",
			param{"$select", "id,displayName,userPrincipalName,userType"}, param{"$top", "999"}, param{"$count", "true"}))
		switch {
		case isNotFound(err):
			return members{}, nil
		case err != nil:
			return members{}, fmt.Errorf("look up the members of group %q: %w", id, err)
		}
		users, err = distinct(users)
		return members{users: users, known: err == nil}, err
	})
}

// distinct brings ids to lower case, and leaves out who is listed again on a
// later page, because the group changed meanwhile: nobody counts twice.
func distinct(users []user) ([]user, error) {
	seen := map[string]bool{}
	var found []user
	for _, one := range users {
		id, err := objectID(one.ID)
		if err != nil {
			return nil, err
		}
		if one.ID = id; !seen[id] {
			found = append(found, one)
		}
		seen[id] = true
	}
	return found, nil
}

// Groups finds a group by its object id, or groups by the beginning of their
// name: at most 20, by name. Nothing begins with an empty text.
func (c *Client) Groups(ctx context.Context, text string) ([]workflow.DirectoryGroup, error) {
	text = strings.TrimSpace(text)
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostName {
		return nil, nil
	}
	read := c.groupsNamed
	if id := strings.ToLower(text); isObjectID(id) {
		text, read = id, c.groupOf
	}
	found, err := recall(ctx, &c.memory, "groups "+text, func(ctx context.Context) ([]workflow.DirectoryGroup, error) {
		groups, err := read(ctx, text)
		if err != nil {
			return nil, fmt.Errorf("look up groups by %q: %w", text, err)
		}
		return directoryGroups(groups)
	})
	return slices.Clone(found), err
}

// groupOf reads the group of an id; none where there is none.
func (c *Client) groupOf(ctx context.Context, id string) ([]group, error) {
	body, err := c.get(ctx, c.address("/groups/"+id, param{"$select", "id,displayName"}))
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var read group
	if err := json.Unmarshal(body, &read); err != nil {
		return nil, fmt.Errorf("read Graph's answer: %w", err)
	}
	return []group{read}, nil
}

// groupsNamed reads the first page of the groups whose name begins with a text;
// Entra does not tell upper from lower case there.
func (c *Client) groupsNamed(ctx context.Context, text string) ([]group, error) {
	body, err := c.get(ctx, c.address("/groups", param{"$filter", "startswith(displayName," + quoted(text) + ")"}, param{"$select", "id,displayName"},
		param{"$orderby", "displayName"}, param{"$top", strconv.Itoa(mostGroups)}, param{"$count", "true"}))
	if err != nil {
		return nil, err
	}
	read, err := decodePage[group](body)
	return read.Value, err
}

func directoryGroups(read []group) ([]workflow.DirectoryGroup, error) {
	var groups []workflow.DirectoryGroup
	for _, one := range read {
		id, err := objectID(one.ID)
		if err != nil {
			return nil, err
		}
		groups = append(groups, workflow.DirectoryGroup{ID: id, Name: cmp.Or(auth.OneLine(one.Name), id)})
	}
	slices.SortFunc(groups, func(a, b workflow.DirectoryGroup) int {
		return cmp.Or(byName(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return groups[:min(len(groups), mostGroups)], nil
}

// byName orders names as people look for them.
func byName(a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
}

// collect reads all pages of a collection. Half of a collection is an error: who
// is missing in it would count as gone.
func collect[Item any](ctx context.Context, c *Client, address string) ([]Item, error) {
	var items []Item
	for range mostPages {
		body, err := c.get(ctx, address)
		if err != nil {
			return nil, err
		}
		read, err := decodePage[Item](body)
		if err != nil {
			return nil, err
		}
		items = append(items, read.Value...)
		if read.Next == "" {
			return items, nil
		}
		if address, err = c.next(read.Next); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("read Graph's answer: it has too many pages")
}

// param is a query option of OData.
type param struct{ name, value string }

// address writes an address of Graph. A name's "$" stands as it is, and a space
// as %20, as OData has them.
func (c *Client) address(path string, params ...param) string {
	query := make([]string, len(params))
	for i, p := range params {
		query[i] = p.name + "=" + strings.ReplaceAll(url.QueryEscape(p.value), "+", "%20")
	}
	return c.base.Scheme + "://" + c.base.Host + "/v1.0" + path + "?" + strings.Join(query, "&")
}

// quoted writes a string literal of OData: a quote in it is doubled
// (OData URL Conventions 4.01, section 5.1.1.6.1).
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
