package auth

import (
	"net/url"
	"path"
	"strings"
)

// maxNext is the longest path that is remembered over a sign-in, in bytes.
const maxNext = 2048

// localPath gives the path to return to after signing in, or "/" when the text
// is anything but a plain path of this portal. Browsers read //host, /\host and
// paths with tabs or line breaks in them as other sites, so none of these pass.
func localPath(text string) string {
	if len(text) > maxNext || !strings.HasPrefix(text, "/") {
		return "/"
	}
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c == '\\' || c >= 0x7f {
			return "/"
		}
	}
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil {
		return "/"
	}
	if !isClean(parsed.Path) || strings.Contains(parsed.Path, `\`) {
		return "/"
	}
	// Signing in to get to signing in would go round in circles.
	if strings.HasPrefix(parsed.Path, "/auth/") {
		return "/"
	}
	// Writing it out escapes some characters, so it may have grown.
	if written := parsed.String(); len(written) <= maxNext {
		return written
	}
	return "/"
}

// isClean says whether a path has neither empty nor dot segments.
func isClean(p string) bool {
	cleaned := path.Clean(p)
	return p == cleaned || (p == cleaned+"/" && cleaned != "/")
}
