package gitops

import "testing"

func TestAPathIsOfTheTenantItNames(t *testing.T) {
	for path, want := range map[string]string{
		"approved/payments.yaml":                                   "payments",
		"argocd/payments.yaml":                                     "payments",
		"clusters/weu-1/payments/.gitkeep":                         "payments",
		"clusters/weu-1/payments/payments-api/00-namespace.yaml":   "payments",
		"clusters/weu-1/payments/payments-api/deeper/x.yaml":       "payments",
		"clusters/weu-1/payments":                                  "",
		"clusters/weu-1/.gitkeep":                                  "",
		"clusters/.gitkeep":                                        "",
		"argocd/payments/x.yaml":                                   "",
		"argocd/payments.yml":                                      "",
		"argocd/.gitkeep":                                          "",
		"approved/payments/x.yaml":                                 "",
		"payments.yaml":                                            "",
		"policy.yaml":                                              "",
		"x/clusters/weu-1/payments/payments-api/00-namespace.yaml": "",
	} {
		if got := tenantOf(path); got != want {
			t.Errorf("%q is of %q, want %q", path, got, want)
		}
	}
}

func TestOnlyTenureWritesWhatArgoCDReads(t *testing.T) {
	for path, want := range map[string]bool{
		"argocd/payments.yaml": true, "argocd/x": true, "argocd": true, "clusters/weu-1/payments/.gitkeep": true,
		"argocd.yaml": false, "docs/argocd/payments.yaml": false, ".gitkeep": false,
	} {
		if guarded(path) != want {
			t.Errorf("%q is guarded: %v, want %v", path, !want, want)
		}
	}
}
