package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"tenure.dev/web"
	"tenure.dev/workflow"
)

// Who would apply what is judged.
const (
	asPerson = "person" // the one named in the form
	asGitOps = "gitops" // the policy's GitOps identity
)

// typedQuestion is the form of the page as somebody typed it.
type typedQuestion struct {
	Cluster  string
	As       string // asPerson or asGitOps
	User     string
	Groups   string // separated by commas, spaces or line breaks
	Manifest string
}

// startingQuestion is the form before anything was typed: the reader, on the
// cluster that they asked about last or, for an example that needs one, in a
// namespace of theirs.
func startingQuestion(c echo.Context, choices workflow.Choices, actor workflow.Actor) typedQuestion {
	typed := typedQuestion{As: asPerson, User: actor.Username, Groups: strings.Join(actor.Groups, "\n"), Cluster: rememberedCluster(c, choices.Policy)}
	if example, found := findExample(c.QueryParam("example")); found {
		typed.Manifest = example.manifest
		if example.asGitOps {
			typed.As = asGitOps
		}
		if own, has := anyNamespace(choices); has && example.inside {
			typed.Cluster, typed.Manifest = own.Cluster, strings.ReplaceAll(example.manifest, exampleNamespace, own.Name)
		}
	}
	return typed
}

// anyNamespace is the first namespace that the person may ask for.
func anyNamespace(choices workflow.Choices) (workflow.Namespace, bool) {
	for _, tenancy := range choices.Tenants {
		if len(tenancy.Namespaces) > 0 {
			return tenancy.Namespaces[0], true
		}
	}
	return workflow.Namespace{}, false
}

func parseQuestion(values url.Values) typedQuestion {
	manifest := strings.ToValidUTF8(values.Get("manifest"), "\uFFFD")
	typed := typedQuestion{
		Cluster: typedLine(values, "cluster"), As: asPerson, User: typedLine(values, "user"), Groups: typedLine(values, "groups"),
		Manifest: strings.ReplaceAll(manifest, "\r\n", "\n"),
	}
	if values.Get("as") == asGitOps {
		typed.As = asGitOps
	}
	return typed
}

// question is what the domain is asked. The GitOps identity is in none of the
// groups that were typed for a person.
func (t typedQuestion) question(policy workflow.Policy) workflow.Question {
	question := workflow.Question{Cluster: t.Cluster, User: t.User, Groups: splitGroups(t.Groups), Manifest: []byte(t.Manifest)}
	if t.As == asGitOps {
		question.User, question.Groups = policy.GitOpsIdentity, nil
	}
	return question
}

func splitGroups(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
}

// appliers offers who would apply it.
func appliers(policy workflow.Policy) []web.Option {
	options := []web.Option{{Value: asPerson, Label: "A person", Detail: "as named here, with their groups"}}
	if policy.GitOpsIdentity != "" {
		options = append(options, web.Option{Value: asGitOps, Label: "Argo CD", Detail: "the GitOps identity, " + policy.GitOpsIdentity})
	}
	return options
}

// clusterCookie keeps the cluster that was asked about last. It says nothing
// about anybody and is read by this page only.
const clusterCookie = "tenure-try-cluster"

// yearInSeconds is how long a browser keeps the choice of the cluster.
const yearInSeconds = 365 * 24 * 60 * 60

func rememberCluster(c echo.Context, cluster string) {
	c.SetCookie(&http.Cookie{ //nolint:gosec // G124: plain HTTP is for loopback only; on https the flag is set
		Name: clusterCookie, Value: url.QueryEscape(cluster), Path: "/try", MaxAge: yearInSeconds,
		HttpOnly: true, Secure: c.Scheme() == "https", SameSite: http.SameSiteLaxMode,
	})
}

// rememberedCluster is the cluster that was asked about last, where there still
// is one of that name; otherwise the first.
func rememberedCluster(c echo.Context, policy workflow.Policy) string {
	if cookie, err := c.Cookie(clusterCookie); err == nil {
		name, err := url.QueryUnescape(cookie.Value)
		if _, found := policy.Clusters[name]; err == nil && found {
			return name
		}
	}
	if clusters := clusterOptions(policy); len(clusters) > 0 {
		return clusters[0].Value
	}
	return ""
}
