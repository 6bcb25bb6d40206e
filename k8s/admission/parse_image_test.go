package admission

import (
	"strings"
	"testing"

	"github.com/distribution/reference"

	"tenure.dev/workflow"
)

// readAlike wants what an exemption may name to be read by the reference
// implementation as it stands there, part by part, with nothing filled in.
func readAlike(t *testing.T, text string) {
	t.Helper()
	image, message := workflow.CheckExemptionValue("trusted-registry", text)
	if message != "" {
		return
	}
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		t.Fatalf("%q is taken, and is no image: %v", image, err)
	}
	if named.String() != image {
		t.Fatalf("%q is taken, and is read as %q", image, named.String())
	}
	rest, digest, _ := strings.Cut(image, "@")
	registry, path, _ := strings.Cut(rest, "/")
	tag := ""
	if colon := strings.LastIndexByte(path, ':'); colon >= 0 {
		path, tag = path[:colon], path[colon+1:]
	}
	gotTag, gotDigest := tagAndDigest(named)
	if reference.Domain(named) != registry || reference.Path(named) != path || gotTag != tag || gotDigest != digest || tag+digest == "" {
		t.Fatalf("%q is read as registry %q, path %q, tag %q, digest %q", image, reference.Domain(named), reference.Path(named), gotTag, gotDigest)
	}
	pattern, err := parseImagePattern(image)
	if err != nil || pattern.beneath || (!pattern.matches(named) && (tag == "" || digest == "")) {
		t.Fatalf("%q is not the pattern of itself: %+v, %v", image, pattern, err)
	}
}

// images are references of every kind, good and bad.
var images = []string{
	"docker.io/library/redis:7.2", "docker.io/redis:7.2", "redis:7.2", "redis", "bitnami/redis:7.2", "docker.io/library/redis", "index.docker.io/library/redis:7.2",
	"contoso.azurecr.io/a/b.c/d__e/f---g:v1_2-3.4", "localhost/app:1", "localhost:5000/app:1", "10.0.0.1:5000/app:1",
	"a.io/b@sha256:" + strings.Repeat("0123456789abcdef", 4), "a.io/b:1@sha256:" + strings.Repeat("0123456789abcdef", 4),
	"a.io/b:1@sha256:" + strings.Repeat("g", 64), "a.io/b:1@sha512:" + strings.Repeat("0123456789abcdef", 8),
	"A.io/b:1", "a.io/B:1", "a.io/b:", "a.io/b:1@", "a.io:/b:1", "a.io:0/b:1", "a.io:99999/b:1", "-a.io/b:1", "a-.io/b:1", "a..io/b:1",
	"a.io//b:1", "a.io/b/:1", "a.io/-b:1", "a.io/b_:1", "a.io/b___c:1", "a.io/b:_", "a.io/b:.1", "[::1]:5000/b:1", "a.io/b:1/c:2", "a.io./b:1",
	strings.Repeat("0123456789abcdef", 4), "docker.io/" + strings.Repeat("0123456789abcdef", 4) + ":1", "docker.io/library/" + strings.Repeat("0123456789abcdef", 4) + ":1",
	"a.io/" + strings.Repeat("b/", 120) + "c:1", "a.io/b:1\n", "\u212A.io/b:1", "xn--80a.io/b:1", "a_b.io/c:1",
}

func TestAnExemptedImageIsReadByEveryRuntimeAsItIsWritten(t *testing.T) {
	taken := 0
	for _, image := range images {
		readAlike(t, image)
		if _, message := workflow.CheckExemptionValue("trusted-registry", image); message == "" {
			taken++
		}
	}
	if taken < 8 {
		t.Errorf("only %d of the images are taken", taken)
	}
}

func FuzzExemptedImage(f *testing.F) {
	for _, image := range images {
		f.Add(image)
	}
	f.Fuzz(readAlike)
}
