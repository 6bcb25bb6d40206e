package workflow_test

import (
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// meant finds what a message suggests instead of what was typed.
func meant(message string) []string {
	_, rest, found := strings.Cut(message, "did you mean ")
	if !found {
		return nil
	}
	var texts []string
	for _, quoted := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(rest, -1) {
		texts = append(texts, quoted[1])
	}
	return texts
}

func FuzzParseQuantity(f *testing.F) {
	for _, text := range []string{"", "500m", "1.5 TB", "8 gb", "1,5", "1,000", "0.5m", "1e99", "1E", "1Ei", "0.1Gi", "-1", ".", "1e-99", "9999999n", "99999.9995"} {
		for unit := range uint8(3) {
			f.Add(text, unit)
		}
	}
	f.Fuzz(func(t *testing.T, text string, of uint8) {
		unit := []workflow.QuantityUnit{workflow.UnitCPU, workflow.UnitMemory, workflow.UnitStorage}[of%3]
		amount, message := workflow.TypedQuantity(text, unit)
		for _, suggestion := range meant(message) {
			if _, again := workflow.TypedQuantity(suggestion, unit); again != "" {
				t.Fatalf("%q: it suggests %q, of which it says %q", text, suggestion, again)
			}
		}
		if message != "" {
			if !amount.IsZero() {
				t.Fatalf("%q: refused, yet %s is read", text, amount.String())
			}
			return
		}
		kubernetes, err := resource.ParseQuantity(strings.TrimSpace(text))
		if err != nil || kubernetes.Cmp(amount) != 0 {
			t.Fatalf("%q: read %s, Kubernetes %s (%v)", text, amount.String(), kubernetes.String(), err)
		}
		again, message := workflow.TypedQuantity(amount.String(), unit)
		if message != "" || again.String() != amount.String() {
			t.Fatalf("%q: read %s, and again %s (%s)", text, amount.String(), again.String(), message)
		}
		if amount.Sign() < 0 || (unit == workflow.UnitCPU && amount.MilliValue() < 1) {
			t.Fatalf("%q: read %s", text, amount.String())
		}
		if whole := *resource.NewQuantity(amount.Value(), amount.Format); unit != workflow.UnitCPU && whole.Cmp(amount) != 0 {
			t.Fatalf("%q: read %s, which is not whole", text, amount.String())
		}
	})
}

func FuzzParseCount(f *testing.F) {
	for _, text := range []string{"", "60", "1k", "1,000", "10.5", "-1", "٣", "99999999999999999999", "0000000000000000000000001"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		count, message := workflow.ParseCount(text)
		if count < 0 || count > 1_000_000 || (message != "" && count != 0) {
			t.Fatalf("%q: read %d, says %q", text, count, message)
		}
		for _, suggestion := range meant(message) {
			if _, again := workflow.ParseCount(suggestion); strings.HasPrefix(again, strings.TrimSuffix(message, ".")) {
				t.Fatalf("%q: it suggests %q, of which it says the same", text, suggestion)
			}
		}
	})
}

func FuzzParseObjectID(f *testing.F) {
	for _, text := range []string{"", "6f1c2a9e-0f0b-4a55-9d0e-3f6f2b8c1d20", "{6F1C2A9E-0F0B-4A55-9D0E-3F6F2B8C1D20}", "urn:uuid:6f1c2a9e0f0b4a559d0e3f6f2b8c1d20", "dana@example.com", "K"} {
		f.Add(text)
	}
	uuid := regexp.MustCompile(`\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z`)
	f.Fuzz(func(t *testing.T, text string) {
		id, message := workflow.ParseObjectID(text)
		if (message == "") != uuid.MatchString(id) || (message == "" && !strings.EqualFold(id, strings.TrimSpace(text))) {
			t.Fatalf("%q: read %q, says %q", text, id, message)
		}
		for _, suggestion := range meant(message) {
			if again, _ := workflow.ParseObjectID(suggestion); again != suggestion {
				t.Fatalf("%q: it suggests %q, which is read as %q", text, suggestion, again)
			}
		}
	})
}

func FuzzParseImage(f *testing.F) {
	for _, text := range []string{"", "redis", "docker.io/redis:7.2", "docker.io/library/redis:7.2", "https://ghcr.io/a/b:1", "index.docker.io/x:1@", "Docker.IO/A:b", "localhost/a:1", "a:1/b:2@sha256:0", "a.b/" + strings.Repeat("c", 250)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		image, message := workflow.ParseImage(text)
		if message == "" && image != strings.TrimSpace(text) || message != "" && image != "" {
			t.Fatalf("%q: read %q, says %q", text, image, message)
		}
		for _, suggestion := range meant(message) {
			if again, wrong := workflow.ParseImage(suggestion); again != suggestion {
				t.Fatalf("%q: it suggests %q, of which it says %q", text, suggestion, wrong)
			}
		}
	})
}
