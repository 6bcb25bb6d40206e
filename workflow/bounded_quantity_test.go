package workflow_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

func TestAQuantityThatWouldTakeLongToWorkOutIsRefusedUnread(t *testing.T) {
	for text, refused := range map[string]bool{
		"2":                      false,
		"500m":                   false,
		"1.5Gi":                  false,
		"1Ei":                    false,
		"12E":                    false,
		"-3":                     false,
		"1e3":                    false,
		"1E-999":                 false,
		"1e+018":                 false,
		strings.Repeat("9", 64):  false,
		"1e-9999":                true,
		"1e-999999999":           true,
		"1E2147483647":           true,
		"1e+0000000001":          true,
		"-1.5e-10000000":         true,
		strings.Repeat("9", 65):  true,
		strings.Repeat("0", 100): true,
	} {
		if workflow.QuantityTakesLong(text) != refused {
			t.Errorf("whether %q takes long is not %t", text, refused)
		}
		got, err := workflow.ParseQuantity(text)
		if refused {
			if err == nil || len(err.Error()) > 200 {
				t.Errorf("of %q it says %v", text, err)
			}
			continue
		}
		if want := resource.MustParse(text); err != nil || got.Cmp(want) != 0 {
			t.Errorf("%q is read as %s, %v, not as %s", text, got.String(), err, want.String())
		}
	}
	for _, text := range []string{"", "1e", "1 Gi", "1e--5", "one"} {
		if got, err := workflow.ParseQuantity(text); err == nil {
			t.Errorf("%q is taken for %s", text, got.String())
		}
	}
}

// Nothing that people write keeps a processor busy: a fuzzer stops at what does.
func FuzzBoundedQuantity(f *testing.F) {
	for _, text := range []string{"1e-999999999", "1.5Gi", "500m", "1E9", "12E", "0.000e-1", strings.Repeat("7", 70)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := workflow.ParseQuantity(text)
		if err != nil {
			return
		}
		if want, err := resource.ParseQuantity(text); err != nil || got.Cmp(want) != 0 {
			t.Errorf("%q is read as %s, Kubernetes reads %s, %v", text, got.String(), want.String(), err)
		}
	})
}
