package manifest

import (
	"bytes"
	"path"
	"testing"
)

func FuzzDecodeTenancy(f *testing.F) {
	f.Add(readTestdata(f, "payments.yaml"))
	f.Add(readTestdata(f, "exceptions/shop.yaml"))
	f.Add(readTestdata(f, "grants/ledger.yaml"))
	f.Add(readTestdata(f, "settings/shop.yaml"))
	f.Add([]byte(laughs()))
	policy := examplePolicy(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		tenancy, err := DecodeTenancy("tenancy.yaml", data)
		LocateField(data, "spec.namespaces[0].quota")
		if err != nil {
			return
		}
		written, err := EncodeTenancy(tenancy)
		if err != nil {
			t.Fatal(err)
		}
		read, err := DecodeTenancy("again.yaml", written)
		if err != nil {
			t.Fatalf("what was accepted is refused after it was written: %v\n%s", err, written)
		}
		if again, err := EncodeTenancy(read); err != nil || !bytes.Equal(written, again) {
			t.Fatalf("%v\n%s\nbecame\n%s", err, written, again)
		}
		files, err := Renderer{}.Render(policy, tenancy)
		if err != nil {
			return // two entries of one name: an error, not a file
		}
		for _, file := range files {
			if !ownPath(tenancy, file.Path) {
				t.Fatalf("%q is no path of tenant %q", file.Path, tenancy.Name)
			}
			var err error
			switch {
			case file.Path == ApprovedPath(tenancy.Name) || path.Base(file.Path) == placeholder:
			case file.Path == ArgoCDPath(tenancy.Name):
				_, err = readArgoCDFile(file.Content)
			default:
				_, err = decodeStrictly(file.Content)
			}
			if err != nil {
				t.Fatalf("%s: %v\n%s", file.Path, err, file.Content)
			}
		}
	})
}

func FuzzDecodePolicy(f *testing.F) {
	f.Add(readTestdata(f, "policy.yaml"))
	f.Add(readTestdata(f, "exceptions/policy.yaml"))
	f.Add(readTestdata(f, "settings/policy.yaml"))
	f.Add([]byte(laughs()))
	f.Fuzz(func(t *testing.T, data []byte) {
		policy, err := DecodePolicy("policy.yaml", data)
		LocateField(data, "spec.rules.trusted-registry.images[0]")
		if err != nil {
			return
		}
		written, err := EncodePolicy(policy)
		if err != nil {
			t.Fatal(err)
		}
		read, err := DecodePolicy("again.yaml", written)
		if err != nil {
			t.Fatalf("what was accepted is refused after it was written: %v\n%s", err, written)
		}
		if again, err := EncodePolicy(read); err != nil || !bytes.Equal(written, again) {
			t.Fatalf("%v\n%s\nbecame\n%s", err, written, again)
		}
	})
}
