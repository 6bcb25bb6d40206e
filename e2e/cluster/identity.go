package cluster

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Identity is somebody whom the API server knows by a token. Each has a
// kubeconfig file.
type Identity struct {
	Name   string   `json:"name"` // names its kubeconfig
	User   string   `json:"user"` // as the API server calls it
	Groups []string `json:"groups"`
}

// Groups of the development people, as in cmd/tenure: what Entra puts into
// their tokens on AKS are the groups' object ids.
const (
	PaymentsOwners  = "a1a1a1a1-0000-4000-8000-0000000000a1"
	PaymentsMembers = "a2a2a2a2-0000-4000-8000-0000000000a2"
	SearchOwners    = "b1b1b1b1-0000-4000-8000-0000000000b1"
	SearchMembers   = "b2b2b2b2-0000-4000-8000-0000000000b2"
	OrdersOwners    = "c1c1c1c1-0000-4000-8000-0000000000c1"
	OrdersMembers   = "c2c2c2c2-0000-4000-8000-0000000000c2"
)

// ServiceAccount is a service account as it is when it brings its own token.
func ServiceAccount(name, namespace, account string) Identity {
	return Identity{
		Name: name, User: "system:serviceaccount:" + namespace + ":" + account,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + namespace},
	}
}

// Identities are those that every control plane has: a cluster admin, whom
// RBAC refuses nothing, the accounts of Argo CD and of Tenure, and the
// development people. On AKS a person's user name is the e-mail address.
func Identities() []Identity {
	person := func(name string, groups ...string) Identity {
		return Identity{Name: name, User: name + "@contoso.example", Groups: groups}
	}
	return []Identity{
		{Name: "admin", User: "platform-admin", Groups: []string{"system:masters"}},
		{Name: "controller-manager", User: "system:kube-controller-manager"},
		ServiceAccount("argocd", "argocd", "argocd-application-controller"),
		ServiceAccount("gitops", "argocd", "gitops"),
		ServiceAccount("portal", "tenure-system", "tenure-portal"),
		person("dana", PaymentsMembers),
		person("olivia", PaymentsOwners),
		person("oscar", PaymentsOwners),
		person("max", SearchMembers),
		person("sarah", SearchOwners),
		person("nina", OrdersOwners),
		person("noah", OrdersMembers),
		person("sam"), person("sofia"), person("ada"), person("amir"), person("aubrey"),
	}
}

// Kubeconfig is the file for kubectl of the identity with this name.
func (c *Cluster) Kubeconfig(name string) string {
	return filepath.Join(c.config.Dir, "kubeconfigs", name+".yaml")
}

// Kubeconfigs gives every identity's kubeconfig file.
func (c *Cluster) Kubeconfigs() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	files := map[string]string{}
	for _, name := range c.identities {
		files[name] = c.Kubeconfig(name)
	}
	return files
}

// AddIdentity makes a kubeconfig for somebody whom the API server did not know
// when it started. It goes by impersonation: the API server's RBAC and
// admission see only the identity, its audit log both.
func (c *Cluster) AddIdentity(identity Identity) (kubeconfig string, err error) {
	if identity.Name == "" || identity.User == "" || strings.ContainsAny(identity.Name, `/\`) {
		return "", errors.New("an identity needs a user, and a name without slashes")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range c.identities {
		if known == identity.Name {
			return "", fmt.Errorf("there is an identity %q already", known)
		}
	}
	if err := c.writeKubeconfig(identity.Name, c.adminToken, &identity); err != nil {
		return "", err
	}
	c.identities = append(c.identities, identity.Name)
	return c.Kubeconfig(identity.Name), nil
}

// writeIdentities makes a token and a kubeconfig for each identity. It gives
// the file of the tokens, in the API server's form.
func (c *Cluster) writeIdentities(identities []Identity) (tokens string, err error) {
	var lines strings.Builder
	for _, identity := range identities {
		token := rand.Text()
		if identity.Name == "admin" {
			c.adminToken = token
		}
		fmt.Fprintf(&lines, "%s,%s,%s,\"%s\"\n", token, identity.User, identity.User, strings.Join(identity.Groups, ","))
		if err := c.writeKubeconfig(identity.Name, token, nil); err != nil {
			return "", err
		}
		c.identities = append(c.identities, identity.Name)
	}
	tokens = filepath.Join(c.config.Dir, "tokens.csv")
	if err := os.WriteFile(tokens, []byte(lines.String()), 0o600); err != nil {
		return "", fmt.Errorf("write the tokens: %w", err)
	}
	return tokens, nil
}

var kubeconfig = template.Must(template.New("kubeconfig").Parse(`apiVersion: v1
kind: Config
current-context: tenure
contexts: [{name: tenure, context: {cluster: tenure, user: {{printf "%q" .Name}}}}]
clusters: [{name: tenure, cluster: {server: {{printf "%q" .Server}}, certificate-authority: {{printf "%q" .CA}}}}]
users:
  - name: {{printf "%q" .Name}}
    user:
      token: {{.Token}}
{{- with .As}}
      as: {{printf "%q" .User}}
      as-groups: [{{range $i, $group := .Groups}}{{if $i}}, {{end}}{{printf "%q" $group}}{{end}}]
{{- end}}
`))

func (c *Cluster) writeKubeconfig(name, token string, as *Identity) error {
	var text strings.Builder
	err := kubeconfig.Execute(&text, map[string]any{"Name": name, "Server": c.Server(), "CA": c.CA(), "Token": token, "As": as})
	if err != nil {
		return fmt.Errorf("write the kubeconfig of %q: %w", name, err)
	}
	if err := os.WriteFile(c.Kubeconfig(name), []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("write the kubeconfig of %q: %w", name, err)
	}
	return c.writeKubectl(c.KubectlAs(name), "--kubeconfig='"+c.Kubeconfig(name)+"' ")
}
