package api

import "net/http"

// operations lists everything that the API does. It is the only list of routes.
func operations() []operation {
	const post, put = http.MethodPost, http.MethodPut
	return []operation{
		get("/me", "getMe", "Who you are, what you hold, and what of yours ends soon", readMe),
		get("/tenants", "listTenants", "The tenants that are your business", listTenants),
		get("/tenants/{tenant}", "getTenant", "What a tenant has, and its requests", readTenant),
		get("/namespaces/{cluster}/{namespace}", "getNamespace", "What a namespace has, since when and until when, and what it may talk to", readNamespace),
		get("/namespaces/{cluster}/{namespace}/contents", "getNamespaceContents", "What lives in a namespace, and what would be lost with it. The cluster is asked, which takes seconds", readContents),
		get("/connectivity", "getConnectivity", "What may talk to what, of a tenant or of one of its namespaces", readConnectivity),
		get("/people", "listPeople", "To whom access to a tenant's namespaces can be given", listPeople).also(http.StatusUnprocessableEntity),
		get("/groups", "listGroups", "Groups of the directory, for a tenant's owners and members: by object id, or by how their names begin", listGroups),
		get("/requests", "listRequests", "The requests that are your business, newest first", listRequests),
		send(post, "/requests", "createRequest", "Ask for something: store a request and put it into review", http.StatusCreated, createRequest),
		get("/requests/{id}", "getRequest", "One request with its plan, reviews, history and way to the cluster", readRequest),
		send(put, "/requests/{id}", "editRequest", "Edit a request of yours for which changes were asked, and put it back into review", http.StatusOK, editRequest),
		send(post, "/requests/{id}/withdrawal", "withdrawRequest", "Take a request of yours back", http.StatusOK, withdrawRequest),
		send(post, "/requests/{id}/reviews", "reviewRequest", "Vote on the plan of a request; for people, not for pipelines", http.StatusOK, reviewRequest),
		send(post, "/requests/{id}/comments", "commentOnRequest", "Say something in the conversation on a request", http.StatusOK, commentOnRequest),
		send(post, "/plans", "makePlan", "What a request would change. Nothing is stored", http.StatusOK, makePlan),
		get("/queue", "getQueue", "What is in review: first what you may decide, the longest waiting first", readQueue),
		send(post, "/verdicts", "tryManifests", "What the admission webhook would say to manifests. Nothing is applied", http.StatusOK, tryManifests),
		suggestions(),
		get("/rules", "getRules", "What workloads must keep to, what can be asked for, and who reviews it", readRules),
		get("/policy", "getPolicy", "The policy in force as it is written; for security, admins and auditors", readPolicy),
		send(post, "/policy/check", "checkPolicy", "What is wrong with a policy, by line. Nothing is stored", http.StatusOK, checkPolicy),
		get("/health", "getHealth", "How the parts of Tenure are", readHealth),
	}
}
