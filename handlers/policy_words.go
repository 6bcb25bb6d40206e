package handlers

import "tenure.dev/workflow"

// policyWords says what each field of policy.yaml is for, as the editor shows it
// beside the completion: by the type's name and the field's. A test holds them
// against the types, so that none is forgotten.
var policyWords = map[string]string{
	"document.apiVersion": "The format of the document.",
	"document.kind":       "What the document is.",
	"document.metadata":   "Its name, which is platform: there is one policy.",
	"document.spec":       "The policy itself.",

	"Policy.clusters":           "The shared clusters, by name.",
	"Policy.platformNamespaces": "Namespaces of the platform, by name: none of Tenure's business, and no tenant gets one.",
	"Policy.platformFlows":      "Traffic that every tenant's namespace lets through, because the platform needs it.",
	"Policy.reservedNames":      "Names of namespaces that no tenant gets: exact names, or beginnings with * at the end.",
	"Policy.reservedHosts":      "Hosts that no tenant gets: exact names, or *.example.com.",
	"Policy.environments":       "The classes of namespaces, by name, such as dev and prod.",
	"Policy.rules":              "How each rule of admission is set, where no environment and no cluster says otherwise.",
	"Policy.sizes":              "The sizes that a namespace can be asked for in, by name.",
	"Policy.registries":         "The catalogue of registries that a namespace can ask for images out of, by name.",
	"Policy.classifications":    "How confidential data can be, the least first. Where there are any, every namespace has one.",
	"Policy.containerDefaults":  "What a container gets that asks for nothing.",
	"Policy.requests":           "What bounds requests, by kind.",
	"Policy.reviews":            "Who must agree. The first entry that fits a request decides, in each environment that it is about; the last one must fit all.",
	"Policy.fallback":           "The role that decides where nobody but the requester holds the one that is asked for.",
	"Policy.reviewers":          "The people whose vote as security or as admin counts.",
	"Policy.gitopsIdentity":     "The user name with which Argo CD applies what Tenure rendered.",
	"Policy.argocd":             "The Argo CD that syncs. Without it, nothing is rendered for it.",
	"Policy.portal":             "The URL of the portal, for the links in denials.",

	"Cluster.server":        "The URL of the API server, as Argo CD names the cluster.",
	"Cluster.networkEngine": "What enforces NetworkPolicies on it.",
	"Cluster.mode":          "How far it is adopted: observe only records, warn lets through with a warning, enforce refuses.",
	"Cluster.rules":         "How rules are set on this cluster, where it differs.",

	"PlatformFlow.name":      "A name of its own; the NetworkPolicy is called after it.",
	"PlatformFlow.direction": "As seen from the tenant's pods.",
	"PlatformFlow.from":      "Where it comes from, for ingress.",
	"PlatformFlow.to":        "Where it goes, for egress.",
	"PlatformFlow.ports":     "The ports; none means all.",

	"FlowPeer.namespace":         "A namespace, by name.",
	"FlowPeer.podLabels":         "Labels of pods in that namespace.",
	"FlowPeer.namespaceSelector": "Namespaces, by their labels.",
	"FlowPeer.podSelector":       "Pods of those namespaces, by their labels.",
	"FlowPeer.cidr":              "A range of addresses, such as 10.20.0.0/16.",
	"FlowPeer.except":            "Ranges within it that are left out.",

	"FlowPort.protocol": "TCP, UDP or SCTP.",
	"FlowPort.port":     "The port, or the first one of a range.",
	"FlowPort.endPort":  "The last port of a range.",

	"Selector.matchLabels":         "Labels that must all be there, with these values.",
	"Selector.matchExpressions":    "Expressions that must all hold.",
	"SelectorRequirement.key":      "The label's key.",
	"SelectorRequirement.operator": "How its value is held against the values.",
	"SelectorRequirement.values":   "The values, for In and NotIn.",

	"Environment.podSecurity": "The lowest level that may be asked for.",
	"Environment.rules":       "How rules are set in this environment, where it differs.",

	"Size.cpu":     "Cores, such as 500m or 2.",
	"Size.memory":  "Such as 8Gi.",
	"Size.storage": "Of all volume claims together, such as 20Gi.",
	"Size.pods":    "The most pods.",
	"Size.objects": "The most objects of some kinds.",

	"Registry.images":      "Patterns of images, such as docker.io/library/*.",
	"Registry.means":       "What it is for, in a sentence for those who ask.",
	"Classification.name":  "The class, such as internal.",
	"Classification.means": "Which data are of it, in a sentence for those who ask.",

	"ContainerDefaults.requests": "What it is promised.",
	"ContainerDefaults.limits":   "The most it gets.",
	"ResourcePair.cpu":           "Cores, such as 100m.",
	"ResourcePair.memory":        "Such as 128Mi.",

	"RequestLimits.network":     "Of network exceptions.",
	"RequestLimits.quota":       "Of temporary increases of a quota.",
	"RequestLimits.access":      "Of access to namespaces.",
	"RequestLimits.exemption":   "Of exemptions from rules.",
	"NetworkLimits.maxDuration": "How far off an end may be, such as 2160h.",
	"NetworkLimits.refused":     "Ranges that nobody gets: API servers, nodes.",
	"NetworkLimits.wide":        "0.0.0.0/0 or ::/0, where they may be asked for as a range.",
	"TermLimits.maxDuration":    "How far off an end may be, such as 720h.",
	"AccessLimits.maxDuration":  "How far off an end may be, such as 720h.",
	"AccessLimits.standing":     "The roles that may be given without an end; none named means all.",
	"AddressName.cidr":          "The range.",
	"AddressName.name":          "What it is, for the refusal: the nodes of weu-1.",

	"ReviewRule.kinds":        "Kinds of request; none means all but tenant and policy.",
	"ReviewRule.environments": "Environments; none means all.",
	"ReviewRule.opens":        "For network exceptions: what they open to; none means whatever.",
	"ReviewRule.within":       "For quotas: what the tenant stays within.",
	"ReviewRule.stages":       "Who must agree, one after the other, such as {owner: 1}.",
	"Reviewer.id":             "Directory and object id in Entra: tid/oid.",
	"Reviewer.name":           "Their name, for people who read the policy.",

	"ArgoCDSettings.repository": "The URL of the GitOps repository, as Argo CD reads it.",
	"ArgoCDSettings.revision":   "The branch that it follows; main without it.",
	"ArgoCDSettings.namespace":  "Where its Applications live; argocd without it.",
}

// notInPolicy are fields that a type has for other documents.
var notInPolicy = map[string]bool{
	"FlowPeer.internet": true, // of exceptions that a tenant asks for
	"FlowPeer.fqdn":     true, // as above
}

// policyValues are closed lists of fields whose Go type allows more.
var policyValues = map[string][]string{
	"Policy.fallback":              {string(workflow.RoleAdmin), string(workflow.RoleSecurity)},
	"FlowPort.protocol":            {"TCP", "UDP", "SCTP"},
	"SelectorRequirement.operator": {"In", "NotIn", "Exists", "DoesNotExist"},
}

// The roles that the policy's stages and its register of people have.
var (
	stageRoles    = []workflow.Role{workflow.RoleOwner, workflow.RoleSecurity, workflow.RoleAdmin}
	registerRoles = []workflow.Role{workflow.RoleSecurity, workflow.RoleAdmin}
)

// rolePeople says whom a role is held by.
var rolePeople = map[workflow.Role]string{
	workflow.RoleOwner:    "Owners of the tenant that asks.",
	workflow.RoleSecurity: "People of security.",
	workflow.RoleAdmin:    "Admins of the platform.",
}

// ruleParameters are the parameters of rules, by the rule's name. A test holds
// them against the rules.
var ruleParameters = map[string]map[string]*jsonSchema{
	"pod-security": {
		"version": {Type: "string", Description: "The version of Kubernetes whose standards hold, such as v1.34."},
	},
	"rbac-cluster-admin": {
		"subjects": {Type: "string", Enum: []string{"tenants", "all"}, Description: "To whom no ClusterRoleBinding may give everything: tenants, or all but the platform's service accounts."},
	},
	"trusted-registry": {
		"images": {Type: "array", Items: &jsonSchema{Type: "string"}, Description: "Patterns of trusted images, such as contoso.azurecr.io/*."},
	},
	"required-label": {
		"kinds": {Type: "array", Items: &jsonSchema{Type: "string"}, Description: "Kinds that need the labels; Pod includes the pods of all workloads, and is meant where none is named."},
		"labels": {Type: "array", Description: "The labels.", Items: &jsonSchema{Type: "object", AdditionalProperties: false, Properties: map[string]*jsonSchema{
			"key":     {Type: "string", Description: "The label's key."},
			"pattern": {Type: "string", Description: "A regular expression for its value (RE2), which matches anywhere unless it has ^ and $; none allows any value."},
		}}},
	},
}
