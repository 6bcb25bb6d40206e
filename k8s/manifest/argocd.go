package manifest

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"tenure.dev/workflow"
)

// SystemProject is the AppProject of Tenure's own Applications. The platform
// installs it; it lets them write what Tenure renders, as the GitOps identity.
const SystemProject = "tenure"

// ApplicationName names the Application that syncs one tenant's manifests to
// one cluster.
func ApplicationName(tenant, cluster string) string {
	return namePrefix + tenant + "-" + cluster
}

// ProjectName names the AppProject of a tenant's own Applications.
func ProjectName(tenant string) string { return "tenant-" + tenant }

// argocdObjects makes the content of argocd/<tenant>.yaml, in the order of
// their documents: the tenant's AppProject, if it has repositories, and an
// Application for each of its clusters.
func argocdObjects(policy workflow.Policy, tenancy workflow.Tenancy) ([]any, error) {
	argocd := policy.ArgoCD.WithDefaults()
	if err := checkLabel("namespace of Argo CD", argocd.Namespace); err != nil {
		return nil, err
	}
	var objects []any
	if len(tenancy.Repositories) > 0 {
		project, err := tenantProject(argocd, policy, tenancy)
		if err != nil {
			return nil, err
		}
		objects = append(objects, project)
	}
	for _, cluster := range slices.Sorted(slices.Values(tenancy.Clusters)) {
		server, err := serverOf(policy, cluster)
		if err != nil {
			return nil, err
		}
		objects = append(objects, application{
			argocdMeta: newArgoCDMeta("Application", ApplicationName(tenancy.Name, cluster), argocd.Namespace, map[string]string{
				LabelManagedBy: ManagedBy, LabelTenant: tenancy.Name, LabelCluster: cluster,
			}),
			Spec: applicationSpec{
				Project:     SystemProject,
				Destination: destination{Server: server},
				Source: applicationSource{
					RepoURL: argocd.Repository, TargetRevision: argocd.Revision,
					Path:      clustersDir + cluster + "/" + tenancy.Name,
					Directory: directorySource{Recurse: true},
				},
				SyncPolicy: continuously(),
			},
		})
	}
	return objects, nil
}

// continuously keeps the cluster as the repository says, whatever comes
// between: it prunes, also the last namespace of all, puts back what somebody
// changed, and goes on trying, each time at the newest revision. Server-side
// apply makes Argo CD the owner of each field that stands in a manifest, and of
// no other: what somebody adds beside them (a label, a key of a quota, a rule
// of a policy that has none) Argo CD neither removes nor reports. Admission is
// what keeps such additions out.
func continuously() syncPolicy {
	return syncPolicy{
		Automated: automatedSync{AllowEmpty: true, Prune: true, SelfHeal: true},
		Retry:     syncRetry{Limit: -1, Refresh: true, Backoff: syncBackoff{Duration: "2s", Factor: 2, MaxDuration: "1m"}},
		SyncOptions: []string{
			"CreateNamespace=false",
			"FailOnSharedResource=true",
			"ServerSideApply=true",
		},
	}
}

// tenantProject bounds what the tenant's own Applications can do: read its
// repositories, write into its namespaces, as each namespace's deployer, and
// nothing that only Tenure writes. Without a namespace it permits nothing.
func tenantProject(argocd workflow.ArgoCDSettings, policy workflow.Policy, tenancy workflow.Tenancy) (appProject, error) {
	project := appProject{
		argocdMeta: newArgoCDMeta("AppProject", ProjectName(tenancy.Name), argocd.Namespace, map[string]string{
			LabelManagedBy: ManagedBy, LabelTenant: tenancy.Name,
		}),
		Spec: appProjectSpec{
			Description:                "What the Argo CD Applications of " + tenancy.Name + " may do. Made by Tenure.",
			SourceRepos:                slices.Sorted(slices.Values(tenancy.Repositories)),
			NamespaceResourceBlacklist: projectKinds(GovernedKinds()),
		},
	}
	for _, namespace := range slices.SortedFunc(slices.Values(tenancy.Namespaces), byPlace) {
		server, err := serverOf(policy, namespace.Cluster)
		if err != nil {
			return project, err
		}
		project.Spec.Destinations = append(project.Spec.Destinations, destination{Server: server, Namespace: namespace.Name})
		project.Spec.DestinationServiceAccounts = append(project.Spec.DestinationServiceAccounts, destinationServiceAccount{
			Server: server, Namespace: namespace.Name, DefaultServiceAccount: namespace.Name + ":" + DeployerAccount,
		})
	}
	return project, nil
}

// GovernedKinds are the kinds in a namespace that a tenant writes none of:
// Tenure's own, and those of the network engines that would open what its
// NetworkPolicies close. NetworkPolicies of Kubernetes and ServiceAccounts are
// not among them: tenants have their own, admission reads what these open, and
// only those that Tenure rendered are governed.
func GovernedKinds() []schema.GroupKind {
	return []schema.GroupKind{
		{Kind: "LimitRange"},
		{Kind: "ResourceQuota"},
		{Group: "cilium.io", Kind: "CiliumNetworkPolicy"},
		{Group: "crd.projectcalico.org", Kind: "NetworkPolicy"},
		{Group: "crd.projectcalico.org", Kind: "StagedKubernetesNetworkPolicy"},
		{Group: "crd.projectcalico.org", Kind: "StagedNetworkPolicy"},
		{Group: "projectcalico.org", Kind: "NetworkPolicy"},
		{Group: "projectcalico.org", Kind: "StagedKubernetesNetworkPolicy"},
		{Group: "projectcalico.org", Kind: "StagedNetworkPolicy"},
		{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"},
	}
}

// serverOf gives the URL by which Argo CD knows a cluster.
func serverOf(policy workflow.Policy, cluster string) (string, error) {
	known, found := policy.Clusters[cluster]
	switch {
	case !found:
		return "", fmt.Errorf("the policy has no cluster %q", cluster)
	case known.Server == "":
		return "", fmt.Errorf("the policy names no server of cluster %q", cluster)
	}
	return known.Server, nil
}
