package workflow

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// maxName is the longest DNS name (RFC 1035 §2.3.4), without the dot at its end.
const maxName = 253

// nameLabel is a part of a DNS name of a host (RFC 1123 §2.1), in lower case.
var nameLabel = regexp.MustCompile(`\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z`)

// localDomains are the ends of names that mean something inside of a cluster, or
// on the host itself.
var localDomains = []string{"svc", "local", "localhost", "localdomain"}

// parseFQDN reads a DNS name, "api.example.com", or "*.example.com" for all that
// end in it. The message says what is wrong; empty when nothing is.
func parseFQDN(text string) (name, message string) {
	name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ".")
	shown := name
	if len(shown) > 60 {
		shown = shown[:60] + "…"
	}
	if len(name) > maxName {
		return "", fmt.Sprintf("The name has %d characters; at most %d are allowed.", len(name), maxName)
	}
	rest, wild := strings.CutPrefix(name, "*.")
	if _, err := netip.ParseAddr(rest); err == nil {
		return "", fmt.Sprintf("%q is an address, not a name. Choose a range of addresses as the other side.", shown)
	}
	labels := strings.Split(rest, ".")
	switch {
	case strings.Contains(rest, "*"):
		return "", fmt.Sprintf("%q has a * elsewhere than at its start; only a whole first part can be one, such as *.example.com.", shown)
	case slices.Contains(localDomains, labels[len(labels)-1]):
		return "", fmt.Sprintf("%q is a name of the cluster or of the host itself. Choose the namespace as the other side.", shown)
	case slices.ContainsFunc(labels, func(l string) bool { return !nameLabel.MatchString(l) }), len(labels) < 2 && !wild:
		return "", fmt.Sprintf("%q is not a full DNS name, such as api.example.com or *.example.com.", shown)
	case len(labels) < 2:
		return "", fmt.Sprintf("%q is too wide: at least two parts are needed after the *, such as *.example.com.", shown)
	}
	return name, ""
}
