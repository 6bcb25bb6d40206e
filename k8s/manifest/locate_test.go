package manifest

import "testing"

func TestAFieldIsFoundOnItsLine(t *testing.T) {
	data := readTestdata(t, "policy.yaml")
	for field, want := range map[string]int{
		"spec":                                   5,
		"spec.clusters.weu-1":                    7,
		"spec.clusters.neu-1.mode":               11,
		"spec.platformFlows[1].ports[0].endPort": 19,
		"spec.platformFlows[1].from.podLabels.app.kubernetes.io/name": 18,
		"spec.rules.trusted-registry.images[1]":                       33,
		"spec.rules.trusted-registry.nothing.at.all":                  33, // the nearest field around it
		"spec.platformFlows[9]":                                       14,
		"spec.clusters.weu":                                           6, // no field's name is cut short
		"":                                                            2,
		"metadata.name":                                               4,
	} {
		if got := LocateField(data, field); got != want {
			t.Errorf("%q is on line %d, want %d", field, got, want)
		}
	}
}

func TestNothingIsFoundInWhatIsNotYAML(t *testing.T) {
	for _, data := range []string{"", "a: [", "\x00"} {
		if line := LocateField([]byte(data), "a"); line != 0 {
			t.Errorf("found on line %d of %q", line, data)
		}
	}
}
