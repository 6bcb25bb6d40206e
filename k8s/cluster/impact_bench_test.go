package cluster

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
)

// BenchmarkJudgeLive judges a page of 500 Deployments by two policies, of which the
// second refuses none, half or all of them. "x-decoding" is how many times as long that
// takes as decoding the same page into Deployments, which who looks into them at all
// cannot do without. A policy is judged against 20,000 objects in 40 times "ms/page".
func BenchmarkJudgeLive(b *testing.B) {
	for name, share := range map[string]int{"none refused": 0, "half refused": 2, "all refused": 1} {
		b.Run(name, func(b *testing.B) {
			var page struct {
				Items []object `json:"items"`
			}
			for i := range pageSize {
				image := newImg
				if share > 0 && i%share == 0 {
					image = oldImg
				}
				page.Items = append(page.Items, deploymentOfSomeSize(fmt.Sprintf("web-%d", i), image))
			}
			body, err := json.Marshal(page)
			if err != nil {
				b.Fatal(err)
			}
			kind := schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}
			var ours, theirs time.Duration
			for b.Loop() {
				c, err := newComparison(livingState(ownRegistry, microsoft), livingState(ownRegistry), "weu-1", noon)
				if err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				var list livePage
				if err := kjson.UnmarshalCaseSensitivePreserveInts(body, &list); err != nil {
					b.Fatal(err)
				}
				for _, item := range list.Items {
					if err := c.compare(kind, item); err != nil {
						b.Fatal(err)
					}
				}
				one := time.Now()
				if err := kjson.UnmarshalCaseSensitivePreserveInts(body, &appsv1.DeploymentList{}); err != nil {
					b.Fatal(err)
				}
				ours, theirs = ours+one.Sub(began), theirs+time.Since(one)
				if want := map[int]int{0: 0, 1: pageSize, 2: pageSize / 2}[share]; len(c.refused) != want || c.objects != pageSize {
					b.Fatalf("%d of %d are refused", len(c.refused), c.objects)
				}
			}
			b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/page")
			b.ReportMetric(float64(ours)/float64(theirs), "x-decoding")
		})
	}
}

// deploymentOfSomeSize is a Deployment of about 4 KB, as ordinary ones are.
func deploymentOfSomeSize(name, image string) object {
	body := deployed(image)
	body["metadata"] = object{"namespace": "payments-api-dev", "name": name, "uid": name, "managedFields": []any{
		object{"manager": "kubectl", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": object{"f:spec": object{"f:template": object{"f:spec": object{"f:containers": object{}}}}}},
	}}
	container := body["spec"].(object)["template"].(object)["spec"].(object)["containers"].([]any)[0].(object)
	var env []any
	for i := range 40 {
		env = append(env, object{"name": fmt.Sprintf("SETTING_%02d", i), "value": fmt.Sprintf("%040d", i)})
	}
	container["env"] = env
	container["resources"] = object{"requests": object{"cpu": "100m", "memory": "128Mi"}, "limits": object{"memory": "256Mi"}}
	return body
}
