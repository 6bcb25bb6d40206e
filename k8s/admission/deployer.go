package admission

import (
	"tenure.dev/k8s/manifest"
	"tenure.dev/workflow"
)

// judgeDeployerUse refuses pods that run as the account by which the tenant's
// Argo CD Applications sync. Argo CD impersonates it; a pod would get a token
// for it on request, whether the account mounts one or not, and every way into
// the pod would be a way to that token.
func (o *Object) judgeDeployerUse() ([]workflow.Violation, error) {
	if o.Operation == Delete {
		return nil, nil
	}
	pods, err := o.Pods()
	if err != nil {
		return nil, err
	}
	var violations []workflow.Violation
	for _, pod := range pods {
		// The older field means the same where the other is empty.
		for _, account := range []struct{ field, name string }{
			{"serviceAccountName", pod.Spec.ServiceAccountName}, {"serviceAccount", pod.Spec.DeprecatedServiceAccount},
		} {
			if account.name == manifest.DeployerAccount {
				violations = append(violations, workflow.Violation{
					Field: pod.Path + "spec." + account.field, Value: account.name,
					Allowed: "this account is for Argo CD, which impersonates it; no pod runs as it.",
				})
				break // the API server fills in the one from the other
			}
		}
	}
	if len(violations) == 0 || !o.podsUnchanged() {
		return violations, nil
	}
	return nil, nil
}
