package web

// Frame is what stands around every page's content.
type Frame struct {
	Title   string   // the page's answer, for the browser's tab
	Section Section  // which entry of the navigation is the current one
	Visitor *Visitor // nil when nobody is signed in
}

// Section is an entry of the navigation.
type Section string

// The entries of the navigation.
const (
	SectionNone   Section = ""
	SectionHome   Section = "home"
	SectionNew    Section = "new"
	SectionQueue  Section = "queue"
	SectionTry    Section = "try"
	SectionRules  Section = "rules"
	SectionHealth Section = "health"
)

// Visitor is the signed-in person.
type Visitor struct {
	Name     string
	Username string
	Initials string
	Roles    []string // in words; empty for people with no role beyond their tenants
}

// Link leads somewhere in the portal.
type Link struct {
	Text string
	Href string
}

// Tone is a meaning that has a colour. It never stands without a word or a sign.
type Tone string

// The tones.
const (
	ToneNeutral Tone = "neutral"
	ToneAccent  Tone = "accent"
	ToneGood    Tone = "good"
	ToneWarn    Tone = "warn"
	ToneBad     Tone = "bad"
)

// Class is the style class of the tone.
func (t Tone) Class() string {
	switch t {
	case ToneAccent:
		return "tone-accent"
	case ToneGood:
		return "tone-good"
	case ToneWarn:
		return "tone-warn"
	case ToneBad:
		return "tone-bad"
	}
	return "tone-neutral"
}

// Badge is a word with a sign and a tone.
type Badge struct {
	Text string
	Tone Tone
	Icon Icon
}

// Meter is an amount out of a most, as a bar and in words.
type Meter struct {
	Label string  // "CPU"
	Text  string  // "6 of 64 cores"
	Value float64 // in any unit
	Max   float64 // in the same unit
}

// RequestRow is one request in a list.
type RequestRow struct {
	ID          int64
	Title       string
	Href        string
	State       Badge
	Sentence    string // what it waits for, or what became of it
	Tenant      Link
	AskedBy     string
	Asked       Moment
	Environment string
	Findings    []Badge // how many of each severity
}
