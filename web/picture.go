package web

import "strings"

// Picture is what may talk to what: boxes and arrows, and the same facts as a
// table. Ends are the boxes, flows the arrows between them.
type Picture struct {
	ID    string // sets the element ids apart where a page has several pictures; may be empty
	Title string // "What may talk to what"
	Note  string // one sentence beneath the title; may be empty
	Ends  []PictureEnd
	Flows []PictureFlow
	Ask   Link // where to ask for a flow, while there is none; may be empty
}

// PictureEnd is one end of flows: pods of a namespace, or what is outside.
type PictureEnd struct {
	ID        string // names the end in flows
	Kind      EndKind
	Group     string   // the namespace, as it is told apart on the page; empty for what is in none
	GroupNote string   // "tenant search", "another tenant"; may be empty
	Other     bool     // it belongs to another tenant
	Label     string   // "app=api", "every pod", "10.20.0.0/16", "the internet"
	Detail    []string // what runs there: "Deployment api"
	Href      string   // where there is more about it; may be empty
}

// EndKind is what stands at one end of a flow.
type EndKind string

// The kinds of end.
const (
	EndPods      EndKind = "pods"      // pods of one namespace, by their labels
	EndPlatform  EndKind = "platform"  // a namespace of the platform
	EndCluster   EndKind = "cluster"   // pods of namespaces that are not named
	EndInternet  EndKind = "internet"  // every public address
	EndAddresses EndKind = "addresses" // one range of addresses
	EndName      EndKind = "fqdn"      // addresses by their DNS name
)

// PictureFlow is traffic that is let through.
type PictureFlow struct {
	From     string // PictureEnd.ID
	To       string // PictureEnd.ID
	Ports    string // "TCP 5432", "TCP 8000-8100, UDP 53", "every port"
	Change   FlowChange
	OneSided string // which end does not let it through, in words; empty when both do
	Platform bool   // nobody asked for it: every namespace has it by the platform's policy
	Because  string // what lets it through: "request 61", "platform flow monitoring"
	Href     string // the request that gave it; may be empty
	Until    Moment // zero when it does not end
}

// FlowChange is what a plan does to a flow.
type FlowChange string

// The changes of a flow.
const (
	FlowStays  FlowChange = ""
	FlowOpened FlowChange = "opened"
	FlowClosed FlowChange = "closed"
)

// verb says what happens to a flow, for a sentence about it.
func (c FlowChange) verb() string {
	switch c {
	case FlowOpened:
		return "opens"
	case FlowClosed:
		return "closes"
	}
	return "allows"
}

// badge says what happens to a flow, for a row about it.
func (c FlowChange) badge() Badge {
	switch c {
	case FlowOpened:
		return Badge{Text: "opens", Tone: ToneAccent, Icon: IconPlus}
	case FlowClosed:
		return Badge{Text: "closes", Tone: ToneBad, Icon: IconCross}
	}
	return Badge{Text: "stays", Tone: ToneNeutral, Icon: IconDot}
}

// rank orders flows for reading: what opens first, then what closes.
func (c FlowChange) rank() int {
	switch c {
	case FlowOpened:
		return 0
	case FlowClosed:
		return 1
	}
	return 2
}

// name is the end in a sentence: "payments-api-prod app=api".
func (e PictureEnd) name() string {
	if e.Group == "" {
		return Visible(e.Label)
	}
	return Visible(e.Group + " " + e.Label)
}

// end finds an end by its ID; an end that nobody described is shown by its ID.
func (p Picture) end(id string) PictureEnd {
	for _, end := range p.Ends {
		if end.ID == id {
			return end
		}
	}
	return undescribed(id)
}

// undescribed stands for an end of which only the ID is known; it has no kind.
func undescribed(id string) PictureEnd { return PictureEnd{ID: id, Label: id} }

// sentence says a flow in words: "opens TCP 5432 from payments-api-prod app=api
// to 10.20.0.0/16 until 1 Feb 2027".
func (p Picture) sentence(flow PictureFlow) string {
	words := []string{flow.Change.verb(), Visible(flow.Ports), "from", p.end(flow.From).name(), "to", p.end(flow.To).name()}
	if until := flow.until(); until != "" {
		words = append(words, until)
	}
	sentence := strings.Join(words, " ")
	if flow.OneSided != "" {
		sentence += "; one side only: " + Visible(flow.OneSided)
	}
	return sentence
}

// until says on which day a flow ends: "until 1 Feb 2027"; empty when it does not.
func (f PictureFlow) until() string {
	if f.Until.IsZero() {
		return ""
	}
	day, _, _ := strings.Cut(f.Until.Exact, ",")
	return "until " + day
}
