package workflow_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tenure.dev/workflow"
)

// with is the wanted change with one thing about it changed.
func with(change func(*workflow.NamespaceChange)) workflow.NamespaceChange {
	c := wanted()
	change(&c)
	return c
}

func named(name string) workflow.NamespaceChange {
	return with(func(c *workflow.NamespaceChange) { c.Name = name })
}

// messages joins the problems of each field.
func messages(problems []workflow.FieldProblem) map[string]string {
	found := map[string]string{}
	for _, p := range problems {
		found[p.Field] = strings.TrimSpace(found[p.Field] + "\n" + p.Message)
	}
	return found
}

// crowded is a state in which payments and logistics hold namespaces.
func crowded() *workflow.ApprovedState {
	state := approvedNow()
	p, l := payments(), logistics()
	p.Namespaces = []workflow.Namespace{held("payments-mine", 4)}
	l.Namespaces = []workflow.Namespace{held("payments-theirs", 5)} // as before the prefix was asked for
	state.Tenancies = map[string]workflow.Tenancy{"payments": p, "logistics": l}
	return state
}

func TestANameIsTakenOrRefusedSayingWhatIsAllowed(t *testing.T) {
	long := "payments-" + strings.Repeat("x", 63-len("payments-"))
	for name, says := range map[string]string{
		"payments-api-dev":      "",
		"payments-1":            "",
		"payments-a--b":         "",
		long:                    "",
		long + "x":              "has 64 characters; at most 63",
		"":                      "A name is needed",
		"payments-API":          `'A' cannot be in a name`,
		"payments_api":          `'_' cannot be in a name`,
		"payments.api":          `'.' cannot be in a name`,
		"payments-api ":         `' ' cannot be in a name`,
		" payments-api":         `' ' cannot be in a name`,
		"payments-ä":            `'ä' cannot be in a name`,
		"payments-аpi":          `cannot be in a name`, // a Cyrillic а
		"payments-\u200bapi":    `'\u200b' cannot be in a name`,
		"payments-api\n":        `'\n' cannot be in a name`,
		"payments/api":          `'/' cannot be in a name`,
		"payments-\xff":         "cannot be in a name",
		strings.Repeat("ä", 40): `'ä' cannot be in a name`,
		"payments-":             "starts or ends with a hyphen",
		"-payments-api":         "starts or ends with a hyphen",
		"payments":              `start with "payments-"`,
		"paymentsapi":           `start with "payments-"`,
		"logistics-api":         `start with "payments-"`,
		"default":               `"default" is reserved for the platform (default)`,
		"kube-system":           "reserved for the platform",
		"kube-anything":         "reserved for the platform (kube-*)",
		"argocd":                "reserved for the platform (argocd)",
		"payments-platform":     "reserved for the platform (payments-platform)",
		"payments-reserved":     "reserved for the platform (payments-reserved)",
		"istio-payments":        "reserved for the platform (istio-*)",
		"payments-mine":         `"payments-mine" is taken on weu-1: your tenant has it since request 4`,
		"payments-theirs":       `"payments-theirs" is taken on weu-1. Choose another name.`,
	} {
		t.Run(fmt.Sprintf("%.30q", name), func(t *testing.T) {
			state := crowded()
			_, problems := named(name).Apply(state, state.Tenancies["payments"], 7)
			found := messages(problems)
			if says == "" && len(found) > 0 || says != "" && (len(found) != 1 || !strings.Contains(found["name"], says)) {
				t.Errorf("it says %q, want %q", found, says)
			}
		})
	}
}

func TestANameTakenOnOneClusterIsFreeOnAnother(t *testing.T) {
	state := crowded()
	elsewhere := with(func(c *workflow.NamespaceChange) { c.Name, c.Cluster = "payments-theirs", "neu-1" })
	if _, problems := elsewhere.Apply(state, state.Tenancies["payments"], 7); len(problems) > 0 {
		t.Errorf("it says %v", problems)
	}
}

func TestEachFieldIsHeldAgainstThePolicy(t *testing.T) {
	for name, test := range map[string]struct {
		change workflow.NamespaceChange
		field  string
		says   string
	}{
		"no cluster":             {with(func(c *workflow.NamespaceChange) { c.Cluster = "" }), "cluster", "Choose the cluster: neu-1 or weu-1."},
		"an unknown cluster":     {with(func(c *workflow.NamespaceChange) { c.Cluster = "mars-1" }), "cluster", `There is no cluster "mars-1"; choose neu-1 or weu-1.`},
		"no environment":         {with(func(c *workflow.NamespaceChange) { c.Environment = "" }), "environment", "Choose the environment: dev or prod."},
		"an unknown environment": {with(func(c *workflow.NamespaceChange) { c.Environment = "Dev" }), "environment", `There is no environment "Dev"; choose dev or prod.`},
		"no size":                {with(func(c *workflow.NamespaceChange) { c.Size = "" }), "size", "Choose the size: large, own or small."},
		"an unknown size":        {with(func(c *workflow.NamespaceChange) { c.Size = "xxl" }), "size", `There is no size "xxl"; choose large, own or small.`},
		"no level":               {with(func(c *workflow.NamespaceChange) { c.PodSecurity = "" }), "podSecurity", "Choose the pod security level: baseline or restricted."},
		"the level privileged":   {with(func(c *workflow.NamespaceChange) { c.PodSecurity = "privileged" }), "podSecurity", `There is no pod security level "privileged"`},
		"a level below its environment's": {with(func(c *workflow.NamespaceChange) { c.Environment, c.PodSecurity = "prod", workflow.LevelBaseline }), "podSecurity",
			`"baseline" is too low for prod, which asks for restricted.`},
		"no purpose":                        {with(func(c *workflow.NamespaceChange) { c.Purpose = "" }), "purpose", "Say in a sentence what the namespace is for."},
		"a purpose of blanks":               {with(func(c *workflow.NamespaceChange) { c.Purpose = " \t\n\u00a0\u3000" }), "purpose", "Say in a sentence what the namespace is for."},
		"a purpose with a zero-width space": {with(func(c *workflow.NamespaceChange) { c.Purpose = "tests\u200bonly" }), "purpose", "U+200B"},
		"a purpose with an override":        {with(func(c *workflow.NamespaceChange) { c.Purpose = "tests \u202eylno" }), "purpose", "U+202E"},
		"a purpose with an isolate":         {with(func(c *workflow.NamespaceChange) { c.Purpose = "tests \u2066only" }), "purpose", "U+2066"},
		"a purpose with a byte order mark":  {with(func(c *workflow.NamespaceChange) { c.Purpose = "x\ufeffx" }), "purpose", "U+FEFF"},
		"a purpose with tag characters":     {with(func(c *workflow.NamespaceChange) { c.Purpose = "x\U000e0041x" }), "purpose", "U+E0041"},
		"a purpose of a filler":             {with(func(c *workflow.NamespaceChange) { c.Purpose = "\u3164" }), "purpose", "U+3164"},
		"a purpose with a line separator":   {with(func(c *workflow.NamespaceChange) { c.Purpose = "x\u2028x" }), "purpose", "U+2028"},
		"a purpose with an escape":          {with(func(c *workflow.NamespaceChange) { c.Purpose = "x\x1b[2Jx" }), "purpose", "U+001B"},
		"a purpose with a null byte":        {with(func(c *workflow.NamespaceChange) { c.Purpose = "x\x00x" }), "purpose", "U+0000"},
		"a purpose that is not UTF-8":       {with(func(c *workflow.NamespaceChange) { c.Purpose = "x\xffx" }), "purpose", "not valid UTF-8"},
		"a purpose that is too long":        {with(func(c *workflow.NamespaceChange) { c.Purpose = strings.Repeat("ä", 501) }), "purpose", "has 501 characters; at most 500"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems := test.change.Apply(approvedNow(), payments(), 7)
			if found := messages(problems); len(found) != 1 || !strings.Contains(found[test.field], test.says) {
				t.Errorf("it says %q, want of %s %q", found, test.field, test.says)
			}
		})
	}
}

func TestATenantGetsNamespacesOnlyOnItsOwnClusters(t *testing.T) {
	mine := payments()
	mine.Clusters = []string{"weu-1"}
	for name, test := range map[string]struct {
		cluster string
		says    string
	}{
		"its own":                   {"weu-1", ""},
		"one that it is not on":     {"neu-1", "payments has no place on neu-1; its clusters are weu-1. Ask the platform team."},
		"one that there is not":     {"mars-1", `There is no cluster "mars-1"; choose weu-1.`},
		"none":                      {"", "Choose the cluster: weu-1."},
		"one by a part of its name": {"weu", `There is no cluster "weu"; choose weu-1.`},
	} {
		t.Run(name, func(t *testing.T) {
			after, problems := with(func(c *workflow.NamespaceChange) { c.Cluster = test.cluster }).Apply(approvedNow(), mine, 7)
			if test.says == "" {
				saidOf(t, append(problems, after.Check()...), "", "")
				return
			}
			saidOf(t, problems, "cluster", test.says)
			same(t, "the tenancy", mine, after)
		})
	}
}

func TestEveryWrongFieldHasItsMessageAtOnce(t *testing.T) {
	all := workflow.NamespaceChange{AskedNamespace: workflow.AskedNamespace{Name: "Bad_Name", Cluster: "mars-1", Environment: "moon", Size: "xxl", PodSecurity: "privileged"}, Purpose: "\u200b"}
	want := []string{"cluster", "environment", "name", "podSecurity", "purpose", "size"}
	for name, change := range map[string]workflow.NamespaceChange{"wrong": all, "empty": {}} {
		after, problems := change.Apply(approvedNow(), payments(), 7)
		if fields := slices.Sorted(maps.Keys(messages(problems))); !slices.Equal(fields, want) || len(problems) != len(want) {
			t.Errorf("%s: messages for %v, want %v", name, fields, want)
		}
		same(t, "the tenancy after "+name, payments(), after)
	}
}

func TestEachCeilingRefusesWhatExceedsIt(t *testing.T) {
	for name, test := range map[string]struct {
		ceiling func(*workflow.Ceiling)
		says    string
	}{
		"CPU":        {func(c *workflow.Ceiling) { c.CPU = amount("3999m") }, "payments would have 4 CPU in all; its ceiling is 3999m"},
		"memory":     {func(c *workflow.Ceiling) { c.Memory = amount("15Gi") }, "16Gi memory in all; its ceiling is 15Gi"},
		"storage":    {func(c *workflow.Ceiling) { c.Storage = amount("39Gi") }, "40Gi storage in all; its ceiling is 39Gi"},
		"namespaces": {func(c *workflow.Ceiling) { c.Namespaces = 1 }, "2 namespaces in all; its ceiling is 1"},
	} {
		t.Run(name, func(t *testing.T) {
			state := crowded()
			mine := state.Tenancies["payments"]
			mine.Ceiling = workflow.Ceiling{CPU: amount("4"), Memory: amount("16Gi"), Storage: amount("40Gi"), Namespaces: 2}
			if _, problems := wanted().Apply(state, mine, 7); len(problems) > 0 {
				t.Fatalf("what just fits is refused: %v", problems)
			}
			test.ceiling(&mine.Ceiling)
			_, problems := wanted().Apply(state, mine, 7)
			if found := messages(problems); len(problems) != 1 || !strings.Contains(found["size"], test.says) {
				t.Errorf("it says %q, want of size %q", found, test.says)
			}
		})
	}
}

func TestWhatIsGrantedNamesItsRequestAndLeavesTheRestAlone(t *testing.T) {
	state := crowded()
	before := crowded().Tenancies["payments"]
	change := with(func(c *workflow.NamespaceChange) { c.Purpose, c.Cluster = "  For the API.\n", "neu-1" })
	after, problems := change.Apply(state, state.Tenancies["payments"], 7)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := before
	want.Namespaces = []workflow.Namespace{{
		Name: "payments-api-dev", Cluster: "neu-1", Environment: "dev", PodSecurity: workflow.LevelRestricted, Purpose: "For the API.", Request: 7,
		Quota:  workflow.Quota{CPU: amount("2"), Memory: amount("8Gi"), Storage: amount("20Gi"), Pods: 20, Request: 7},
		Access: []workflow.Access{{Group: group(2), Role: workflow.AccessEdit, Request: 7}, {Group: group(1), Role: workflow.AccessAdmin, Request: 7}},
	}, before.Namespaces[0]}
	same(t, "the tenancy afterwards", want, after)
	same(t, "the state it was applied to", crowded(), state)
}

func TestTwoPlansAtOneStateDoNotShareWhatTheyGive(t *testing.T) {
	state := crowded()
	before := state.Tenancies["payments"]
	before.Namespaces = slices.Grow(before.Namespaces, 4) // room that both could write to
	one, _ := named("payments-one").Apply(state, before, 7)
	two, _ := named("payments-two").Apply(state, before, 8)
	for name, after := range map[string]workflow.Tenancy{"payments-one": one, "payments-two": two} {
		if _, found := after.Namespace("weu-1", name); !found || len(after.Namespaces) != 2 {
			t.Errorf("the plan for %s gives %+v", name, after.Namespaces)
		}
	}
}

// dnsLabel is RFC 1123 as Kubernetes words it (IsDNS1123Label).
var dnsLabel = regexp.MustCompile(`\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z`)

func FuzzWhatIsAskedForIsRefusedOrFitToBeWritten(f *testing.F) {
	f.Add("payments-api-dev", "The API's development.\nSecond line.")
	f.Add("payments-API", "")
	f.Add("payments-", "\u202e")
	f.Add("payments-\xff", "\xff\xfe")
	f.Add("kube-system", strings.Repeat("ä", 501))
	f.Add("payments-theirs", "a\u3164\U000e0041b")
	f.Fuzz(func(t *testing.T, name, purpose string) {
		state := crowded()
		change := with(func(c *workflow.NamespaceChange) { c.Name, c.Purpose = name, purpose })
		after, problems := change.Apply(state, state.Tenancies["payments"], 7)
		for _, p := range problems {
			if p.Field == "" || p.Message == "" || !utf8.ValidString(p.Message) {
				t.Errorf("problem %+q cannot be shown", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		if !dnsLabel.MatchString(name) || len(name) > 63 {
			t.Errorf("the name %q was taken", name)
		}
		granted, found := after.Namespace("weu-1", name)
		if !found {
			t.Fatalf("%q was taken and not given", name)
		}
		if granted.Purpose == "" || utf8.RuneCountInString(granted.Purpose) > 500 || strings.ContainsFunc(granted.Purpose, unshowable) {
			t.Errorf("the purpose %q was taken", granted.Purpose)
		}
		if problems := after.Check(); len(problems) > 0 {
			t.Errorf("the document would be refused: %v", problems)
		}
	})
}

// unshowable says whether a character does not show, or changes how others do.
func unshowable(r rune) bool {
	if r == '\n' || r == '\r' || r == '\t' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Join_Control)
}
