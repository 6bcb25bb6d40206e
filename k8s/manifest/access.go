package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	rbacv1 "k8s.io/api/rbac/v1"

	"tenure.dev/workflow"
)

// roleBindings gives each entry of the access list its ClusterRole, and the
// deployer its own, sorted by name. Argo CD prunes them: what goes with one is a
// right.
func (p place) roleBindings() ([]granted, error) {
	bindings := make([]granted, 0, len(p.grant.Access)+1)
	for _, access := range p.grant.Access {
		binding, err := p.roleBinding(access)
		if err != nil {
			return nil, fmt.Errorf("access of %q: %w", access.Subject(), err)
		}
		bindings = append(bindings, granted{Typed: binding, request: access.Request, until: access.Until.UTC()})
	}
	if p.deploys {
		bindings = append(bindings, granted{Typed: p.deployerBinding()})
	}
	slices.SortFunc(bindings, byName)
	return bindings, nil
}

// roleBinding renders one entry. Every part of it is checked again, although only
// checked entries are ever approved: a subject that is not the one meant has the role.
func (p place) roleBinding(access workflow.Access) (Typed, error) {
	switch {
	case !slices.Contains(workflow.AccessRoles(), access.Role):
		return nil, fmt.Errorf("there is no role %q", access.Role)
	case access.Request < 0: // 0 is a preview
		return nil, errors.New("no request has that number")
	case !access.Until.IsZero() && !isEnd(access.Until):
		return nil, errors.New("its end is not a moment in whole seconds")
	}
	subject, err := subjectOf(access)
	if err != nil {
		return nil, err
	}
	meta := p.meta(access.ObjectName(), waveAccess, access.Request)
	if !access.Until.IsZero() {
		meta.Annotations[AnnotationUntil] = access.Until.UTC().Format(time.RFC3339)
	}
	return &rbacv1.RoleBinding{
		TypeMeta:   typeMeta(rbacv1.SchemeGroupVersion, "RoleBinding"),
		ObjectMeta: meta,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: ClusterRole(access.Role)},
		Subjects:   []rbacv1.Subject{subject},
	}, nil
}

// subjectOf names who has the access as the API server knows them: a group by its
// object id, a person by their user name.
func subjectOf(access workflow.Access) (rbacv1.Subject, error) {
	none := rbacv1.Subject{}
	switch {
	case (access.Group == "") == (access.Person == ""):
		return none, errors.New("either a group or a person has it")
	case access.Person != "":
		if err := checkLabel("person", access.Person); err != nil {
			return none, err
		}
		if err := checkUser(access.User); err != nil {
			return none, err
		}
		return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: access.User}, nil
	case access.User != "":
		return none, errors.New("a group has no user name")
	}
	// A group's name that begins with system: is the API server's own.
	if err := checkLabel("group", access.Group); err != nil {
		return none, err
	}
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: access.Group}, nil
}

// checkUser refuses names that are no person's. Those that begin with system: are
// the API server's own (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects).
func checkUser(user string) error {
	switch {
	case strings.HasPrefix(user, "system:"), user == "", strings.TrimSpace(user) != user,
		!utf8.ValidString(user), strings.ContainsFunc(user, unicode.IsControl):
		return fmt.Errorf("%q is not the user name of a person", user)
	}
	return nil
}

func byName[T interface{ GetName() string }](a, b T) int {
	return cmp.Compare(a.GetName(), b.GetName())
}
