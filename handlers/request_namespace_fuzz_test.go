package handlers

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tenure.dev/workflow"
)

// FuzzFormForNamespaces holds that whatever is sent can be read, and that what is
// asked for by it stands in the form again as it was asked for.
func FuzzFormForNamespaces(f *testing.F) {
	for _, query := range []string{
		"", "tenant=payments&name=payments-api-dev&environment=dev&size=own&cpu=3&hosts=a.example.com%0D%0Ab.example.com",
		"name=payments-api-dev&environment=dev&also[0].name=x&also[7].name=y&access[0].group=z&rows=add+also+test", "rows=remove+also+0&also[1].size=small",
		"rows=remove+access+99999999999999999999&access[999].role=view&registries=a&registries=b", "also[-1].name=x&also[].name=y&also[0]name=z", "name=%ff%fe&hosts=%00",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		asked := parseNamespace(values).draft()
		again := namespaceForm(asked.Tenant, asked.Change.(workflow.NamespaceChange)).draft()
		if diff := cmp.Diff(asked, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-first +again):\n%s", query, diff)
		}
		_ = parseSettled(values).draft()
	})
}
