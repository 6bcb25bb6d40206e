package admission

import (
	"fmt"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// imagePattern is a set of images: one repository, or everything beneath a
// registry or a path of it. It is compared with parsed references, by registry
// and path segments, so that foo.io/team does not take in foo.io/teammate, nor
// foo.io take in foo.io.example.com.
type imagePattern struct {
	text     string
	registry string
	path     []string
	beneath  bool   // anything below path, instead of path itself
	tag      string // empty for any
	digest   string // empty for any
}

// parseImagePattern reads a pattern: an image reference, whose last path
// segment may be * for anything beneath. Names are completed as container
// runtimes do: openpolicyagent/* is docker.io/openpolicyagent/*, and ubuntu is
// docker.io/library/ubuntu.
func parseImagePattern(text string) (imagePattern, error) {
	base, beneath := strings.CutSuffix(text, "/*")
	if strings.Contains(base, "*") {
		return imagePattern{}, fmt.Errorf("* can only stand alone as the last segment, after a registry or a path: registry.example.com/team/*")
	}
	name := base
	if beneath {
		// Completed with a segment, so that what stands before the first slash is
		// seen as a registry exactly when it would be in an image's name.
		name = base + "/x"
	}
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return imagePattern{}, fmt.Errorf("no image reference: %w", err)
	}
	pattern := imagePattern{
		text:     text,
		registry: reference.Domain(named),
		path:     strings.Split(reference.Path(named), "/"),
		beneath:  beneath,
	}
	pattern.tag, pattern.digest = tagAndDigest(named)
	if beneath {
		pattern.path = pattern.path[:len(pattern.path)-1]
		if base == "docker.io" || base == "index.docker.io" {
			pattern.path = nil // all of Docker Hub, not only its library
		}
	}
	return pattern, nil
}

// matches says whether the pattern takes in an image. Where it names a tag, an
// image that also has a digest is not meant: runtimes then ignore the tag.
func (p imagePattern) matches(image reference.Named) bool {
	if reference.Domain(image) != p.registry {
		return false
	}
	path := strings.Split(reference.Path(image), "/")
	if p.beneath {
		return len(path) > len(p.path) && slices.Equal(path[:len(p.path)], p.path)
	}
	if !slices.Equal(path, p.path) {
		return false
	}
	tag, digest := tagAndDigest(image)
	switch {
	case p.digest != "":
		return digest == p.digest
	case p.tag != "":
		return tag == p.tag && digest == ""
	}
	return true
}

// tagAndDigest gives the tag and the digest of a reference, where it has them.
func tagAndDigest(named reference.Named) (tag, digest string) {
	if tagged, ok := named.(reference.Tagged); ok {
		tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		digest = digested.Digest().String()
	}
	return tag, digest
}
