package manifest

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"tenure.dev/workflow"
)

// DeployerAccount is the ServiceAccount in each namespace of a tenant with
// repositories, as which the tenant's own Applications sync
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/app-sync-using-impersonation/).
const DeployerAccount = "tenure-deployer"

// deployer makes the ServiceAccount. Argo CD impersonates it and needs no
// token. That a pod mounts none by default keeps nobody from asking for one:
// admission lets no pod of a tenant's namespace run as this account, and the
// policy tenure-deployer of deploy/ lets nobody make a token for it, by request
// or by a Secret.
func (p place) deployer() Typed {
	mount := false
	return &corev1.ServiceAccount{
		TypeMeta:                     typeMeta(corev1.SchemeGroupVersion, "ServiceAccount"),
		ObjectMeta:                   p.meta(DeployerAccount, waveAccess, 0),
		AutomountServiceAccountToken: &mount,
	}
}

// deployerBinding lets the deployer do what the tenant's members can.
func (p place) deployerBinding() Typed {
	return &rbacv1.RoleBinding{
		TypeMeta:   typeMeta(rbacv1.SchemeGroupVersion, "RoleBinding"),
		ObjectMeta: p.meta(namePrefix+string(workflow.AccessEdit)+"-deployer", waveAccess, 0),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: ClusterRole(workflow.AccessEdit)},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: DeployerAccount, Namespace: p.grant.Name}},
	}
}
