package manifest

import "testing"

func TestOnlyATenancysOwnPathNamesATenant(t *testing.T) {
	for path, want := range map[string]string{
		"approved/payments.yaml":    "payments",
		"approved/1.yaml":           "1",
		"approved/payments.yml":     "",
		"approved/.yaml":            "",
		"approved/../policy.yaml":   "",
		"approved/a/b.yaml":         "",
		"approved/Payments.yaml":    "",
		"clusters/payments.yaml":    "",
		"x/approved/payments.yaml":  "",
		"approved/payments.yaml/..": "",
	} {
		tenant, ok := ApprovedTenant(path)
		if ok != (want != "") || (ok && tenant != want) {
			t.Errorf("%q names %q, %v; want %q", path, tenant, ok, want)
		}
		if ok && ApprovedPath(tenant) != path {
			t.Errorf("the path of %q is %q, want %q", tenant, ApprovedPath(tenant), path)
		}
	}
}

func TestAKeyReadsAsPeopleWriteIt(t *testing.T) {
	for want, key := range map[string]Key{
		"Namespace a":                         {Kind: "Namespace", Name: "a"},
		"NetworkPolicy a/tenure-default-deny": {Group: "networking.k8s.io", Kind: "NetworkPolicy", Namespace: "a", Name: "tenure-default-deny"},
	} {
		if key.String() != want {
			t.Errorf("%+v reads %q, want %q", key, key, want)
		}
	}
}
