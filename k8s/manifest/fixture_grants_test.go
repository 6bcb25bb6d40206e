package manifest

import (
	"time"

	"pgregory.net/rapid"

	"tenure.dev/workflow"
)

// quotas generates quotas, of which some count objects and some are raised.
func quotas() *rapid.Generator[workflow.Quota] {
	return rapid.Custom(func(t *rapid.T) workflow.Quota {
		size := sizes().Draw(t, "lasting")
		quota := workflow.Quota{
			CPU: size.CPU, Memory: size.Memory, Storage: size.Storage, Pods: size.Pods, Objects: size.Objects,
			Request: rapid.Int64Range(0, 99).Draw(t, "quotaRequest"),
		}
		if rapid.Bool().Draw(t, "raised") {
			more := sizes().Draw(t, "raise")
			quota.Raise = &workflow.QuotaRaise{
				CPU: more.CPU, Memory: more.Memory, Storage: more.Storage, Pods: more.Pods, Objects: more.Objects,
				Until: ends().Draw(t, "until"), Request: rapid.Int64Range(100, 199).Draw(t, "raiseRequest"),
			}
		}
		return quota
	})
}

func sizes() *rapid.Generator[workflow.Size] {
	return rapid.Custom(func(t *rapid.T) workflow.Size {
		size := workflow.Size{
			CPU: amounts().Draw(t, "cpu"), Memory: amounts().Draw(t, "memory"), Storage: amounts().Draw(t, "storage"),
			Pods: rapid.Int64Range(0, 500).Draw(t, "pods"),
		}
		objects := rapid.MapOfN(rapid.SampledFrom(workflow.ObjectCounts()), rapid.Int64Range(0, 1000), 0, 5).Draw(t, "objects")
		if len(objects) > 0 {
			size.Objects = objects
		}
		return size
	})
}

// accesses generates access of groups and of persons, with and without an end.
func accesses() *rapid.Generator[workflow.Access] {
	return rapid.Custom(func(t *rapid.T) workflow.Access {
		access := workflow.Access{
			Role:    rapid.SampledFrom(workflow.AccessRoles()).Draw(t, "role"),
			Request: rapid.Int64Range(0, 99).Draw(t, "request"),
		}
		if rapid.Bool().Draw(t, "person") {
			access.Person = groups().Draw(t, "id")
			access.User = rapid.SampledFrom([]string{access.Person, "dana@contoso.example", "O'Neill.Zoë@contoso.example", "1e3", "null", "a b: c #d", "*"}).Draw(t, "user")
		} else {
			access.Group = groups().Draw(t, "group")
		}
		if rapid.Bool().Draw(t, "temporary") {
			access.Until = ends().Draw(t, "until")
			access.Request = rapid.Int64Range(1<<40+1, 1<<40+99).Draw(t, "ownRequest") // no namespace's
		}
		return access
	})
}

// exemptions generates exemptions from each rule that has them, one by each of
// several requests.
func exemptions() *rapid.Generator[[]workflow.Exemption] {
	return rapid.Custom(func(t *rapid.T) []workflow.Exemption {
		values := []workflow.Exemption{
			{Rule: "trusted-registry", Value: "docker.io/library/redis:7.2"},
			{Rule: "trusted-registry", Value: "ghcr.io/example/tool:v1"},
			{Rule: "required-label", Value: "environment"},
			{Rule: "required-label", Value: "environment=demo"},
		}
		list := rapid.Permutation(values).Draw(t, "exempt")[:rapid.IntRange(0, 3).Draw(t, "exemptions")]
		for i := range list {
			list[i].Selector = podLabels().Filter(func(l map[string]string) bool { return l != nil }).Draw(t, "selector")
			list[i].Until = ends().Draw(t, "until")
			list[i].Request = int64(rapid.IntRange(0, 9).Draw(t, "request")*10 + i + 200)
		}
		return list
	})
}

// ends generates moments at which grants can end.
func ends() *rapid.Generator[time.Time] {
	return rapid.Map(rapid.Int64Range(0, 4e9), func(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() })
}
