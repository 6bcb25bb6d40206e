package manifest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"tenure.dev/workflow"
)

// shortGroup is how many characters of a group's object id stand in a
// binding's name: the first two parts of the UUID, 48 bits.
const shortGroup = 13

// roleBindings gives each group of the access list its ClusterRole, and the
// deployer its own, sorted by name. The role is part of the name because a binding's roleRef cannot change:
// another role is another binding.
func (p place) roleBindings() ([]Typed, error) {
	bindings := make([]Typed, 0, len(p.grant.Access))
	for _, access := range p.grant.Access {
		name, err := bindingName(access)
		if err != nil {
			return nil, err
		}
		bindings = append(bindings, &rbacv1.RoleBinding{
			TypeMeta:   typeMeta(rbacv1.SchemeGroupVersion, "RoleBinding"),
			ObjectMeta: p.meta(name, waveAccess, access.Request),
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: ClusterRole(access.Role)},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: access.Group}},
		})
	}
	if p.deploys {
		bindings = append(bindings, p.deployerBinding())
	}
	slices.SortFunc(bindings, byName)
	return bindings, nil
}

func bindingName(access workflow.Access) (string, error) {
	switch access.Role {
	case workflow.AccessView, workflow.AccessEdit, workflow.AccessAdmin:
	default:
		return "", fmt.Errorf("access of group %q: there is no role %q", access.Group, access.Role)
	}
	// A group's name that begins with system: is the API server's own.
	if err := checkLabel("access of group", access.Group); err != nil {
		return "", err
	}
	short := strings.TrimRight(access.Group[:min(len(access.Group), shortGroup)], "-")
	return namePrefix + string(access.Role) + "-" + short, nil
}

func byName(a, b Typed) int { return cmp.Compare(a.GetName(), b.GetName()) }
