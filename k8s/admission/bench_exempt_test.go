package admission

import (
	"fmt"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// BenchmarkExemptions judges a Deployment in a namespace without exemptions and in
// one with 50, turn by turn: "x-none" is how many times as long it takes with them.
// Of what keeps to the rules nothing has to be looked up; what is exempted is found
// last of all.
func BenchmarkExemptions(b *testing.B) {
	var granted []workflow.Exemption
	for i := range 50 {
		granted = append(granted, legacyExemption(ofValue(fmt.Sprintf("docker.io/library/redis:7.%d", i)), func(e *workflow.Exemption) { e.Request = int64(100 + i) }))
	}
	none, many := testSnapshot(b), testSnapshot(b, exempting(granted...))
	for name, image := range map[string]string{"trusted": goodImage, "exempted": "docker.io/library/redis:7.49"} {
		b.Run(name, func(b *testing.B) {
			request := write(b, developer, nil, live(b, workload(deployments, legacyLabels, podSpec(image))))
			if !Evaluate(many, request).Allowed || Evaluate(none, request).Allowed != (name == "trusted") {
				b.Fatal("the verdicts are others")
			}
			var with, without time.Duration
			turn := false
			b.ReportAllocs()
			for b.Loop() {
				if turn = !turn; turn { // so that what one leaves to be cleaned up meets both alike
					without += timed(none, request)
					with += timed(many, request)
					continue
				}
				with += timed(many, request)
				without += timed(none, request)
			}
			b.ReportMetric(float64(without.Nanoseconds())/float64(b.N), "ns/none")
			b.ReportMetric(float64(with.Nanoseconds())/float64(b.N), "ns/fifty")
			b.ReportMetric(float64(with)/float64(without), "x-none")
		})
	}
}

func timed(snapshot *Snapshot, request Request) time.Duration {
	began := time.Now()
	Evaluate(snapshot, request)
	return time.Since(began)
}
