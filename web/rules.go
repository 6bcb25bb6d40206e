package web

// RulesPage is what workloads must keep to, and how they pass.
type RulesPage struct {
	Frame
	Heading      string
	Lead         string
	Lenient      string // which clusters refuse nothing; empty where all do
	Families     []RuleFamily
	Sizes        []SizeRow
	Counted      bool // some size bounds more than pods
	Environments []NamedWords
	Clusters     []NamedWords
	Limits       []NamedWords
	Refused      []NamedWords // ranges that nobody gets a network exception to
	Reviews      []ReviewEntry
	PeerNote     string // who else must agree, beside the reviews
	ProposeHref  string // leads to the form for another policy; empty for those who may not ask
	Commit       string // the verified commit that the page shows
}

// RuleFamily is the rules about one thing.
type RuleFamily struct {
	ID    string // of its heading
	Title string
	Rules []RuleCard
}

// RuleCard is one rule in words.
type RuleCard struct {
	Name     string
	Means    string
	Pass     string
	Mode     Badge         // what becomes of what breaks it; empty where that is not the same everywhere
	Settings []RuleSetting // what it asks for, by where; none where there is nothing to say but the mode
	Ask      Link          // to the form for an exemption; empty where there is none
	NoExempt string        // what to ask for instead
}

// RuleSetting is what a rule asks for in some places.
type RuleSetting struct {
	Where  string // "prod, everything on weu-1"; empty where it is the same everywhere
	Mode   Badge  // as in RuleCard; empty where the card has it
	Params []RuleParam
	Text   string // the parameters as in policy.yaml, where nobody has words for them
}

// RuleParam is one parameter of a rule in words.
type RuleParam struct {
	Label  string
	Values []ParamValue
}

// ParamValue is a value of a parameter with what is to be known of it.
type ParamValue struct {
	Code  string
	Words string
}

// SizeRow is one size of namespaces.
type SizeRow struct {
	Name    string
	CPU     string
	Memory  string
	Storage string
	Pods    string
	Objects string // "10 services, 2 load balancers"
}

// NamedWords is a name with what is to be known of it.
type NamedWords struct {
	Name  string
	Words string
}

// ReviewEntry says who must agree to some requests.
type ReviewEntry struct {
	What string
	Who  string
}
