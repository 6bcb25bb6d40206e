package workflow

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// maxImage is the longest reference of an image, in bytes, with its tag and its
// digest. OCI registries may refuse longer names
// (https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests).
const maxImage = 255

// The parts of an image reference:
// https://pkg.go.dev/github.com/distribution/reference#pkg-overview
var (
	imageRegistry = regexp.MustCompile(`\A[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[1-9][0-9]{0,4})?\z`)
	imagePath     = regexp.MustCompile(`\A[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*\z`)
	imageTag      = regexp.MustCompile(`\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z`)
	imageDigest   = regexp.MustCompile(`\Asha256:[0-9a-f]{64}\z`)
	imageScheme   = regexp.MustCompile(`\A[A-Za-z][A-Za-z0-9+.-]*://`)
)

// Docker Hub is the registry of names that name none, and its own images are
// kept in a folder that their names leave out.
const (
	dockerHub    = "docker.io"
	dockerOld    = "index.docker.io" // an older name of the same
	dockerFolder = "library/"
)

// parseImage reads a reference of one image, in full:
// docker.io/library/redis:7.2, with a tag, a digest or both. What runtimes would
// fill in has to be said, so that everybody reads the same image. The message
// says what is wrong; empty when nothing is.
func parseImage(text string) (image, message string) {
	text = strings.TrimSpace(text)
	const example = "docker.io/library/redis:7.2"
	switch {
	case text == "":
		return "", "Name one image in full, such as " + example + "."
	case len(text) > maxImage:
		return "", fmt.Sprintf("The image has %d characters; at most %d are allowed.", len(text), maxImage)
	case strings.Contains(text, "*"):
		return "", fmt.Sprintf("%q stands for several images; name one, such as %s.", text, example)
	case strings.ContainsAny(text, " \t\r\n,;"):
		return "", fmt.Sprintf("%q is more than one word; name one image, such as %s.", text, example)
	}
	reason := "is an address for a browser, not an image"
	if !imageScheme.MatchString(text) {
		reason = splitImage(text).check(text)
	}
	if reason == "" {
		return text, ""
	}
	if meant := completeImage(text); len(meant) <= maxImage && meant != text && splitImage(meant).check(meant) == "" {
		return "", fmt.Sprintf("%q %s; did you mean %q?", text, reason, meant)
	}
	return "", fmt.Sprintf("%q %s; write it in full, such as %s.", text, reason, example)
}

// imageReference is a reference taken apart.
type imageReference struct{ registry, path, tag, digest string }

// splitImage takes a reference apart where its separators are.
func splitImage(text string) (r imageReference) {
	rest, digest, _ := strings.Cut(text, "@")
	r.digest = digest
	if slash, colon := strings.LastIndexByte(rest, '/'), strings.LastIndexByte(rest, ':'); colon > slash {
		rest, r.tag = rest[:colon], rest[colon+1:]
	}
	// A first part with neither a dot nor a port is a folder of Docker Hub.
	if first, path, found := strings.Cut(rest, "/"); found && strings.ContainsAny(first, ".:") {
		r.registry, r.path = first, path
		return r
	}
	r.path = rest
	return r
}

// String puts the reference together again.
func (r imageReference) String() string {
	text := r.path
	if r.registry != "" {
		text = r.registry + "/" + text
	}
	if r.tag != "" {
		text += ":" + r.tag
	}
	if r.digest != "" {
		text += "@" + r.digest
	}
	return text
}

// check says what keeps a reference, as it was typed, from naming one image in
// full; empty when nothing does.
func (r imageReference) check(typed string) string {
	switch name := r.registry + r.path; {
	case r.registry == "":
		return "does not say which registry it comes from"
	case strings.ToLower(name) != name:
		return "has upper-case letters in its name, where there can be none"
	case r.registry == dockerOld:
		return "names Docker Hub by an older name"
	case !imageRegistry.MatchString(r.registry) || !validPort(r.registry):
		return "does not begin with the DNS name of a registry, perhaps with a port"
	case !imagePath.MatchString(r.path):
		return "has a path that is none: lower-case letters and digits, with . _ or - between them, and / between its parts"
	case r.registry == dockerHub && !strings.Contains(r.path, "/"):
		return "leaves out a part of its path that runtimes would fill in"
	case r.tag == "" && r.digest == "":
		return "has neither a tag nor a digest, so that it can be another image every day"
	case r.tag != "" && !imageTag.MatchString(r.tag):
		return "has a tag that is none: at most 128 letters, digits and _ . -, with a letter, a digit or _ at its start"
	case r.digest != "" && !imageDigest.MatchString(r.digest):
		return "has a digest that is none: sha256: and 64 hexadecimal digits, in lower case"
	case r.String() != typed:
		return "ends with a separator"
	}
	return ""
}

// validPort says whether a registry's port, where it has one, can be one.
func validPort(registry string) bool {
	_, port, found := strings.Cut(registry, ":")
	if !found {
		return true
	}
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}

// completeImage fills in what runtimes do, and mends what browsers add.
func completeImage(text string) string {
	r := splitImage(imageScheme.ReplaceAllString(text, ""))
	if strings.HasPrefix(r.path, "localhost/") {
		return text // the node itself, to some runtimes
	}
	r.registry, r.path = strings.ToLower(r.registry), strings.ToLower(r.path)
	if r.registry == "" || r.registry == dockerOld {
		r.registry = dockerHub
	}
	if r.registry == dockerHub && !strings.Contains(r.path, "/") {
		r.path = dockerFolder + r.path
	}
	return r.String()
}
