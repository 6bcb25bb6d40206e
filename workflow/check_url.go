package workflow

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// maxURL is the longest URL that is taken, in bytes.
const maxURL = 500

// Argo CD takes the entries of an AppProject for patterns (gobwas/glob): of the
// characters that a URL can have, these mean themselves in one.
var (
	plainURL = regexp.MustCompile(`\A[A-Za-z0-9._~:/@%+-]+\z`)
	// scpURL is how Git writes SSH without a scheme (git-clone(1), GIT URLS).
	scpURL = regexp.MustCompile(`\A[a-z][a-z0-9_-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9._~/%+-]+\z`)
)

// repositories checks what a tenant's own Applications may read.
func (c *checker) repositories(locations []string) {
	for i, location := range locations {
		field := fmt.Sprintf("spec.repositories[%d]", i)
		same := func(other string) bool { return sameRepository(location, other) }
		if message := checkRepository(location, false); message != "" {
			c.add(field, "%s", message)
		} else if slices.ContainsFunc(locations[:i], same) {
			c.add(field, "%q stands twice", location)
		}
	}
}

// checkRepository says what keeps a text from being the URL of a Git repository
// that Argo CD may be pointed at; empty when nothing does. A local one is for
// development, and only the platform's own can be.
func checkRepository(location string, local bool) string {
	const wanted = "https://… or ssh://…"
	switch {
	case location == "":
		return "the URL of a Git repository is needed: " + wanted
	case len(location) > maxURL:
		return fmt.Sprintf("the URL has %d characters; at most %d are allowed", len(location), maxURL)
	case !plainURL.MatchString(location):
		// What it holds is not repeated: it may be a secret.
		return "a URL of a Git repository has letters, digits and . _ ~ : / @ % + - only; wildcards and queries are not allowed"
	case scpURL.MatchString(location):
		return ""
	}
	u, err := url.Parse(location)
	if err != nil {
		return "this is not the URL of a Git repository: " + wanted
	}
	_, password := u.User.Password()
	switch {
	case password, u.User != nil && u.Scheme != "ssh":
		return "the URL holds credentials; leave them out, since everybody who reads this repository sees them"
	case local && u.Scheme == "file" && u.Host == "" && len(u.Path) > 1:
		return ""
	case (u.Scheme != "https" && u.Scheme != "ssh") || u.Hostname() == "" || len(u.Path) < 2:
		return fmt.Sprintf("%q is not the URL of a Git repository: %s", location, wanted)
	}
	return ""
}

// sameRepository compares URLs by host and path, and as Argo CD does
// (git.NormalizeGitURL) without regard to case and to .git at the end. Some
// servers have a repository under other paths too; that is not seen here.
func sameRepository(a, b string) bool { return hostAndPath(a) == hostAndPath(b) }

func hostAndPath(location string) string {
	location = strings.ToLower(location)
	if scpURL.MatchString(location) {
		host, path, _ := strings.Cut(location, ":")
		location = "ssh://" + host + "/" + path
	}
	if u, err := url.Parse(location); err == nil {
		location = u.Hostname() + "/" + strings.Trim(u.Path, "/")
	}
	return strings.TrimSuffix(location, ".git")
}

// checkServer says what keeps a text from being the URL of an API server as
// Argo CD knows it; empty when nothing does.
func checkServer(server string) string {
	u, err := url.Parse(server)
	switch {
	case server == "":
		return "the URL of its API server is needed, such as https://weu-1.example.com"
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || len(server) > maxURL || !plainURL.MatchString(server):
		return fmt.Sprintf("%q is not the URL of an API server, such as https://weu-1.example.com", server)
	}
	return ""
}
