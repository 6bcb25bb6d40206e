package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"tenure.dev/workflow"
)

// filled is a value of which no field is empty.
func filled[T any]() T {
	var value T
	fill(reflect.ValueOf(&value).Elem())
	return value
}

func fill(v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2027, 2, 1, 1, 0, 0, 0, time.FixedZone("CET", 3600))))
		return
	case resource.Quantity:
		v.Set(reflect.ValueOf(resource.MustParse("3")))
		return
	case json.RawMessage:
		v.Set(reflect.ValueOf(json.RawMessage(`{"a":1}`)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint('x')
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, element := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(element)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, element)
	case reflect.Interface:
		v.Set(reflect.ValueOf(filled[workflow.NamespaceChange]()))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	}
}

// empty lists the fields of what is shown that have nothing in them.
func empty(v reflect.Value, at string) []string {
	if moment, isTime := v.Interface().(time.Time); isTime {
		if _, offset := moment.Zone(); offset != 0 {
			return []string{at + " (not in UTC)"}
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return empty(v.Elem(), at)
		}
	case reflect.Slice:
		if v.Len() > 0 {
			return empty(v.Index(0), at+"[]")
		}
	case reflect.Struct:
		var found []string
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				found = append(found, empty(v.Field(i), at+"."+v.Type().Field(i).Name)...)
			}
		}
		return found
	}
	if v.IsZero() {
		return []string{at}
	}
	return nil
}

func TestNothingIsLostOnTheWayToTheAnswer(t *testing.T) {
	inReview := filled[workflow.Request]()
	inReview.State, inReview.Plan.Stages[0].Needed = workflow.StateInReview, 2
	inReview.Reviews[0].Vote, inReview.Reviews[0].Void = workflow.VoteApprove, false
	connectivity, tenant := filled[workflow.Connectivity](), filled[workflow.TenantView]()
	tenant.Requests = []workflow.Request{inReview}
	for name, shown := range map[string]any{
		"request": requestOf(inReview), "event": eventOf(filled[workflow.Event]()), "arrival": arrivalOf(filled[workflow.Arrival]()),
		"namespace": namespaceOf(filled[workflow.Namespace]()), "contents": contentsShown(), "connectivity": connectivityOf(&connectivity), "grant": grantOf(filled[workflow.Grant]()),
		"rule": ruleOf(filled[workflow.RuleView]()), "violation": violationOf(filled[workflow.Violation]()), "suggestions": suggestionsOf(filled[workflow.Suggestions]()),
		"deferred": deferredOf(inReview), "tenant": tenantOf(tenant, true),
		"policy effect": policyEffectOf(new(filled[workflow.PolicyEffect]())),
	} {
		for _, field := range slices.DeleteFunc(empty(reflect.ValueOf(shown), name), func(field string) bool { return field == "request.Reviews[].Void" }) {
			t.Errorf("%s is empty", field)
		}
	}
}

// contentsShown is what lives in a namespace of which something is known.
func contentsShown() Contents {
	shown := contentsOf(filled[workflow.NamespaceContents]())
	shown.Known = true
	return shown
}

// fieldNames lists the exported fields of a struct, those of embedded ones among them.
func fieldNames(of reflect.Type) []string {
	var names []string
	for _, field := range reflect.VisibleFields(of) {
		if field.IsExported() && !field.Anonymous {
			names = append(names, field.Name)
		}
	}
	return names
}

func TestWhatTheDomainGainsIsShownOrLeftOutOnPurpose(t *testing.T) {
	for _, pair := range []struct {
		domain, shown reflect.Type
		leftOut       []string // and where it is otherwise
	}{
		{reflect.TypeFor[workflow.Plan](), reflect.TypeFor[Plan](), []string{"Before", "After", "Others"}},                // Edits has the difference
		{reflect.TypeFor[workflow.Request](), reflect.TypeFor[RequestDetail](), []string{"Reminded"}},                     // the events have it
		{reflect.TypeFor[workflow.Dossier](), reflect.TypeFor[RequestDetail](), []string{"Request", "Tenancy", "Policy"}}, // it is the request itself; getTenant; getRules
		{reflect.TypeFor[workflow.Attempt](), reflect.TypeFor[Attempt](), []string{"Base"}},
		{reflect.TypeFor[workflow.Event](), reflect.TypeFor[Event](), []string{"Request", "Previous", "Hash"}}, // the chain is for `tenure verify`
		{reflect.TypeFor[workflow.Arrival](), reflect.TypeFor[Arrival](), nil},
		{reflect.TypeFor[workflow.Review](), reflect.TypeFor[Review](), nil},
		{reflect.TypeFor[workflow.Tenancy](), reflect.TypeFor[Tenant](), nil},
		{reflect.TypeFor[workflow.Namespace](), reflect.TypeFor[Namespace](), nil},
		{reflect.TypeFor[workflow.Quota](), reflect.TypeFor[Quota](), nil},
		{reflect.TypeFor[workflow.NamespaceContents](), reflect.TypeFor[Contents](), nil},
		{reflect.TypeFor[workflow.KindCount](), reflect.TypeFor[KindCount](), nil},
		{reflect.TypeFor[workflow.Access](), reflect.TypeFor[Access](), nil},
		{reflect.TypeFor[workflow.NetworkException](), reflect.TypeFor[NetworkException](), []string{"From", "To"}}, // Peer
		{reflect.TypeFor[workflow.Exemption](), reflect.TypeFor[Exemption](), nil},
		{reflect.TypeFor[workflow.Grant](), reflect.TypeFor[Grant](), nil},
		{reflect.TypeFor[workflow.Finding](), reflect.TypeFor[Finding](), nil},
		{reflect.TypeFor[workflow.Verdict](), reflect.TypeFor[Verdict](), nil},
		{reflect.TypeFor[workflow.Violation](), reflect.TypeFor[Violation](), nil},
		{reflect.TypeFor[workflow.ExpiredLive](), reflect.TypeFor[ExpiredLive](), nil},
		{reflect.TypeFor[workflow.Suggestions](), reflect.TypeFor[Suggestions](), nil},
		{reflect.TypeFor[workflow.Suggestion](), reflect.TypeFor[Proposal](), nil},
		{reflect.TypeFor[workflow.PolicyText](), reflect.TypeFor[Policy](), nil},
		{reflect.TypeFor[workflow.PolicyProblem](), reflect.TypeFor[PolicyProblem](), nil},
		{reflect.TypeFor[workflow.PolicyEffect](), reflect.TypeFor[PolicyEffect](), nil},
		{reflect.TypeFor[workflow.TenantEffect](), reflect.TypeFor[TenantEffect](), nil},
		{reflect.TypeFor[workflow.LiveEffect](), reflect.TypeFor[LiveEffect](), nil},
		{reflect.TypeFor[workflow.RefusedLive](), reflect.TypeFor[RefusedLive](), nil},
		{reflect.TypeFor[workflow.UnlookedPart](), reflect.TypeFor[UnlookedPart](), nil},
	} {
		shown := fieldNames(pair.shown)
		for _, name := range fieldNames(pair.domain) {
			if !slices.Contains(shown, name) && !slices.Contains(pair.leftOut, name) {
				t.Errorf("%s.%s is neither shown in %s nor left out", pair.domain, name, pair.shown)
			}
		}
		for _, name := range pair.leftOut {
			if slices.Contains(shown, name) && name != "Request" {
				t.Errorf("%s.%s is shown in %s and listed as left out", pair.domain, name, pair.shown)
			}
		}
	}
}
