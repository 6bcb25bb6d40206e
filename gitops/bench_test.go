package gitops

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tenure.dev/workflow"
)

// BenchmarkCommit times one approval's commit (fetch state known, verified,
// signed, pushed to a bare repository on disk) and, in the same run, the same
// commit made with native git plumbing and gpg. x-native is the ratio of the
// two: below 1, Tenure is faster.
func BenchmarkCommit(b *testing.B) {
	for _, tenants := range []int{100, 1000} {
		b.Run(fmt.Sprintf("tenants=%d", tenants), func(b *testing.B) { benchmarkCommit(b, tenants) })
	}
}

// manyTenants have three namespaces each.
func manyTenants(count int) []workflow.Tenancy {
	tenancies := make([]workflow.Tenancy, count)
	for i := range tenancies {
		slug := fmt.Sprintf("team-%04d", i)
		tenancies[i] = tenant(slug)
		for k := range 3 {
			size := tenancies[i].Ceiling
			tenancies[i].Namespaces = append(tenancies[i].Namespaces, workflow.Namespace{
				Name: fmt.Sprintf("%s-app%d", slug, k), Cluster: "weu-1", Environment: "dev", PodSecurity: workflow.LevelBaseline,
				Quota: workflow.Quota{CPU: *size.CPU.ToDec(), Memory: *size.Memory.ToDec(), Storage: *size.Storage.ToDec(), Pods: 20},
			})
			quota := &tenancies[i].Namespaces[k].Quota
			quota.CPU.Set(2)
			quota.Memory.Set(8 << 30)
			quota.Storage.Set(20 << 30)
		}
	}
	return tenancies
}

func benchmarkCommit(b *testing.B, tenants int) {
	tenancies := manyTenants(tenants)
	ours, theirs := newWorld(b, tenancies...), newWorld(b, tenancies...)
	r := ours.open()
	n := newNative(b, theirs.remote)
	key := n.steal(theirs.key)
	nativeHead := theirs.root
	var own, native time.Duration
	request := int64(0)
	b.ResetTimer()
	for b.Loop() {
		request++
		slug := tenancies[int(request)%tenants].Name
		g := plan(b, ours.state(r), slug, fmt.Sprintf("%s-new%d", slug, request), request)

		begin := time.Now()
		if _, err := r.Commit(b.Context(), ours.state(r).Commit, g.files, g.message); err != nil {
			b.Fatal(err)
		}
		own += time.Since(begin)

		b.StopTimer()
		message := text(b, g.message)
		begin = time.Now()
		nativeHead = n.plumb(key, nativeHead, g.files, message)
		native += time.Since(begin)
		b.StartTimer()
	}
	b.ReportMetric(own.Seconds()/native.Seconds(), "x-native")
	b.ReportMetric(float64(native.Milliseconds())/float64(b.N), "native-ms/op")
}

// plumb makes one commit the way a script would: the blobs, the index, the
// tree, the signed commit, the push.
func (n *native) plumb(key, parent string, files []workflow.FileChange, message string) string {
	n.Helper()
	var index strings.Builder
	for _, f := range files {
		hash := strings.TrimSpace(n.run(string(f.After), "git", "hash-object", "-w", "--stdin"))
		fmt.Fprintf(&index, "100644 %s\t%s\n", hash, f.Path)
	}
	n.run(index.String(), "git", "update-index", "--add", "--index-info")
	tree := n.git("write-tree")
	commit := strings.TrimSpace(n.run(message, "git", "-c", "user.signingkey="+key, "commit-tree", "-S", "-p", parent, tree))
	n.git("push", "-q", "origin", commit+":main")
	return commit
}

// BenchmarkVerify times the verification of a first commit with many tenants:
// what a webhook does that starts without a clone.
func BenchmarkVerify(b *testing.B) {
	for _, tenants := range []int{100, 1000} {
		b.Run(fmt.Sprintf("tenants=%d", tenants), func(b *testing.B) {
			w := newWorld(b, manyTenants(tenants)...)
			for b.Loop() {
				if report := w.verify(); !report.OK() {
					b.Fatal(report.Objections)
				}
			}
		})
	}
}
