package workflow

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// aroundHost is what browsers show around the name of a host: a scheme before
// it; a port, a path or a query after it.
var (
	beforeHost = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9+.-]*://`)
	afterHost  = regexp.MustCompile(`(:[0-9]*)?([/?#].*)?\z`)
	digitsTop  = regexp.MustCompile(`\A[0-9]+\z`)
)

// parseHost reads the DNS name of a host that an Ingress serves,
// "api.example.com" (RFC 1123 §2.1), and gives it in lower case and without the
// dot at its end. Names beyond ASCII are written as DNS has them, so that none
// reads as another. The message says what is wrong; empty when nothing is.
func parseHost(text string) (host, message string) {
	text = strings.TrimSpace(text)
	host = strings.TrimSuffix(strings.ToLower(text), ".")
	message = checkHost(host, text)
	if message == "" {
		return host, ""
	}
	bare := afterHost.ReplaceAllString(beforeHost.ReplaceAllString(host, ""), "")
	if bare != host && checkHost(bare, bare) == "" {
		return "", fmt.Sprintf("%s is more than the name of a host; did you mean %q?", shortened(text), bare)
	}
	return "", message
}

// checkHost says what keeps a text from being the name of a host; typed is the
// text for the message.
func checkHost(host, typed string) string {
	shown := shortened(typed)
	labels := strings.Split(host, ".")
	_, addressed := netip.ParseAddr(host)
	switch foreign := strings.IndexFunc(host, func(r rune) bool { return r > 0x7e || r < 0x21 }); {
	case host == "":
		return "Type the name of a host, such as api.example.com."
	case mixedWord(typed) != "":
		return mixedWord(typed)
	case len(host) > maxName:
		return fmt.Sprintf("The name has %d characters; at most %d are allowed.", len(host), maxName)
	case foreign >= 0:
		return fmt.Sprintf("%s has a character that no name in DNS has. Letters beyond a to z are written there in a form that begins with xn--.", shown)
	case strings.Contains(host, "*"):
		return fmt.Sprintf("%s stands for many names, and each host is approved by its own. Name them one by one.", shown)
	case addressed == nil, digitsTop.MatchString(labels[len(labels)-1]):
		return fmt.Sprintf("%s is an address, not the name of a host.", shown)
	case slices.Contains(localDomains, labels[len(labels)-1]):
		return fmt.Sprintf("%s is a name of the cluster or of the host itself, which is not reached from outside.", shown)
	case len(labels) < 2, slices.ContainsFunc(labels, func(l string) bool { return !nameLabel.MatchString(l) }):
		return fmt.Sprintf("%s is not a full DNS name, such as api.example.com.", shown)
	}
	return ""
}

// reservesHost says whether a host is the platform's: that of the portal or of an
// API server, or one that the policy reserves.
func (p Policy) reservesHost(host string) bool {
	own := []string{hostOf(p.Portal)}
	for _, cluster := range p.Clusters {
		own = append(own, hostOf(cluster.Server))
	}
	return slices.Contains(own, host) || slices.ContainsFunc(p.ReservedHosts, func(reserved string) bool {
		suffix, all := strings.CutPrefix(reserved, "*")
		return host == reserved || (all && strings.HasSuffix(host, suffix))
	})
}

// hostOf is the name in a URL, in lower case; empty where there is none.
func hostOf(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
