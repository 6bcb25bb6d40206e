package admission

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Every quantity of a pod, wherever it stands, is looked at before the library works
// it out, which would take hours for these.
func TestAPodWithAQuantityThatTakesLongCannotBeJudged(t *testing.T) {
	const long = "1e-999999999"
	for name, test := range map[string]struct{ spec, field string }{
		"a limit":                  {`{"containers":[{"resources":{"limits":{"memory":%s}}}]}`, "spec.containers[0].resources.limits.memory"},
		"a request":                {`{"containers":[{},{"resources":{"requests":{"cpu":%s}}}]}`, "spec.containers[1].resources.requests.cpu"},
		"an init container's":      {`{"initContainers":[{"resources":{"limits":{"cpu":%s}}}]}`, "spec.initContainers[0].resources.limits.cpu"},
		"an ephemeral container's": {`{"ephemeralContainers":[{"resources":{"limits":{"cpu":%s}}}]}`, "spec.ephemeralContainers[0].resources.limits.cpu"},
		"the pod's own":            {`{"resources":{"limits":{"cpu":%s}}}`, "spec.resources.limits.cpu"},
		"overhead":                 {`{"overhead":{"cpu":%s}}`, "spec.overhead.cpu"},
		"a divisor":                {`{"containers":[{"env":[{"valueFrom":{"resourceFieldRef":{"divisor":%s}}}]}]}`, "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor"},
		"an emptyDir":              {`{"volumes":[{"emptyDir":{"sizeLimit":%s}}]}`, "spec.volumes[0].emptyDir.sizeLimit"},
		"a claim's template":       {`{"volumes":[{"ephemeral":{"volumeClaimTemplate":{"spec":{"resources":{"requests":{"storage":%s}}}}}}]}`, "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.resources.requests.storage"},
		"one of two of a name":     {`{"overhead":{"cpu":%s,"cpu":"1"}}`, "spec.overhead.cpu"},
	} {
		for form, written := range map[string]string{
			"a text": `"` + long + `"`, "a number": long, "between spaces": "\"\u00a0" + long + "\u00a0\"",
			"digits": `"` + strings.Repeat("9", 65) + `"`,
		} {
			raw := fmt.Sprintf(`{"metadata":{"name":"a"},"spec":%s}`, fmt.Sprintf(test.spec, written))
			_, _, err := decodeWorkload(schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, []byte(raw))
			if err == nil || !strings.Contains(err.Error(), test.field+": ") {
				t.Errorf("%s, %s: it says %v", name, form, err)
			}
		}
	}
}

// Much in an object looks like a number with a large exponent, and is none.
func TestWhatOnlyLooksLikeAQuantityIsNotHeldToBeOne(t *testing.T) {
	raw := `{"metadata":{"name":"a","labels":{"commit":"1e234567"},"annotations":{"n":"1e-999999999"}},"spec":{
		"nodeSelector":{"commit":"4e12345"},
		"containers":[{"name":"c","image":"a@sha256:11e12345","args":["1e-999999999","` + strings.Repeat("9", 70) + `"],"env":[{"name":"COMMIT","value":"12e9999"}],
			"resources":{"limits":{"memory":"1e9","cpu":"1500m"}}}]},
		"status":{"capacity":{"cpu":"1e-999999999"}}}`
	pods, _, err := decodeWorkload(schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if memory := pods[0].Spec.Containers[0].Resources.Limits[corev1.ResourceMemory]; memory.Value() != 1e9 {
		t.Errorf("the memory is read as %s", memory.String())
	}
}

func TestAmountsOfGovernedObjectsThatTakeLongAreNone(t *testing.T) {
	for _, value := range []any{"1e-999999999", json.Number("1e-999999999"), strings.Repeat("9", 65)} {
		if got, ok := quantity(value); ok {
			t.Errorf("%v is taken for %s", value, got.String())
		}
		if got := amountOf(map[string]any{"limits.cpu": value}, corev1.ResourceLimitsCPU); got != nil {
			t.Errorf("%v is taken for %s", value, got.String())
		}
		if atMost(value, "2") || atMost("2", value) {
			t.Errorf("%v is compared", value)
		}
	}
}

// FuzzCheckQuantities holds the scan to what the decoder takes: whatever it lets
// through decodes at once, and what a decoder reads it does not call malformed.
func FuzzCheckQuantities(f *testing.F) {
	f.Add([]byte(`{"spec":{"overhead":{"cpu":"1e-999999999"}}}`))
	f.Add([]byte(`{"metadata":{"labels":{"a":"1e12345"}},"spec":{"containers":[{"resources":{"limits":{"cpu":1e9}}}]}}`))
	f.Add([]byte(`{"spec":{"volumes":[{"emptyDir":{"sizeLimit":[1e99999]}}]}}`))
	f.Add([]byte(`[1e99999 `))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var pod podTemplate
		if checkQuantities(raw, &pod) != nil {
			return
		}
		_ = json.Unmarshal(raw, &pod)
	})
}

func TestEveryFieldOfAPodIsFoundByItsName(t *testing.T) {
	spec := reflect.TypeFor[corev1.PodSpec]()
	for i := range spec.NumField() {
		name, _, _ := strings.Cut(spec.Field(i).Tag.Get("json"), ",")
		if memberType(spec, name) != spec.Field(i).Type {
			t.Errorf("%s is not found", name)
		}
	}
	// Embedded ones belong to what embeds them.
	if memberType(reflect.TypeFor[corev1.Volume](), "emptyDir") == nil {
		t.Error("a volume's source is not found")
	}
	if memberType(spec, "Containers") != nil {
		t.Error("a name in capitals is found")
	}
}
