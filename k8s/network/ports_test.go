package network

import (
	"testing"

	"pgregory.net/rapid"
)

// drawIntervals gives a set of ports up to 12, and again as one flag for each.
func drawIntervals(t *rapid.T, label string) (intervals, [13]bool) {
	var set intervals
	var flags [13]bool
	for range rapid.IntRange(0, 4).Draw(t, label) {
		from := rapid.IntRange(1, 12).Draw(t, "from")
		to := rapid.IntRange(from, 12).Draw(t, "to")
		set = set.union(intervals{{uint16(from), uint16(to)}})
		for i := from; i <= to; i++ {
			flags[i] = true
		}
	}
	return set, flags
}

func TestPortNumbersAreSets(t *testing.T) {
	operations := map[string]struct {
		set  func(a, b intervals) intervals
		flag func(a, b bool) bool
	}{
		"union":     {intervals.union, func(a, b bool) bool { return a || b }},
		"intersect": {intervals.intersect, func(a, b bool) bool { return a && b }},
		"minus":     {intervals.minus, func(a, b bool) bool { return a && !b }},
	}
	for name, operation := range operations {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			a, inA := drawIntervals(t, "a")
			b, inB := drawIntervals(t, "b")
			got, overlap := operation.set(a, b), false
			for i := 1; i <= 12; i++ {
				if want := operation.flag(inA[i], inB[i]); got.has(uint16(i)) != want {
					t.Fatalf("%s of %v and %v is %v: %d should be %v", name, a, b, got, i, want)
				}
				overlap = overlap || inA[i] && inB[i]
			}
			for i := 1; i < len(got); i++ {
				if int(got[i].from) <= int(got[i-1].to)+1 {
					t.Fatalf("%s of %v and %v is %v: parts touch", name, a, b, got)
				}
			}
			if a.overlaps(b) != overlap {
				t.Fatalf("%v overlaps %v: %v", a, b, !overlap)
			}
		}))
	}
}

func TestPortsAreWrittenInWords(t *testing.T) {
	tests := map[string]string{
		"[{}]": "all TCP", "[{port: 80}]": "TCP 80", "[{port: 80}, {port: 81}]": "TCP 80-81",
		"[{port: 1, endPort: 65535}, {protocol: UDP}, {protocol: SCTP}]":                  "all ports",
		"[{port: web}, {port: 443}, {port: 53, protocol: UDP}, {port: a, protocol: UDP}]": "TCP 443, web and UDP 53, a",
		"[{port: web}, {port: 1, endPort: 65535}]":                                        "all TCP",
	}
	for ports, want := range tests {
		p, err := compile(policyOf(t, "podSelector: {}\ningress: [{ports: "+ports+"}]"), "shop")
		if err != nil {
			t.Fatal(err)
		}
		if got := p.rules[Ingress.side()][0].ports.String(); got != want {
			t.Errorf("%s is %q, want %q", ports, got, want)
		}
	}
	if got := (Ports{}).String(); got != "no port" {
		t.Errorf("no port is %q", got)
	}
}
