package web

// RequestView is the page of one request.
type RequestView struct {
	Frame
	ID          int64
	Title       string
	Tenant      Link
	AskedBy     string
	Asked       Moment
	Purpose     string
	PlanTitle   string // what the plan is by now: what will be, or what it changed
	State       Badge
	Next        Badge  // the sign and the tone of the sentence
	Sentence    string // what happens next and who has it
	Why         string // why its reader of all people is asked; empty where the stage's name says it
	Until       Moment // when what it gave ends; zero where it does not
	Ended       bool   // that moment has passed
	EndHref     string // leads to the form that ends it now; empty where the reader may not
	ExtendHref  string // to the form that asks for a later end; empty as EndHref, and where none is possible
	AgainHref   string // to the form with what was asked for; empty while it may still come to something
	Reason      string // what was given as a reason, where there is one
	ReasonBy    string
	Steps       []StepView
	Publication *PublicationView
	Arrival     *ArrivalView // nil while Argo CD has nothing to do with it
	Plan        PlanView
	Contents    *ContentsPart // what lives in a namespace that is to go; nil otherwise
	Review      *ReviewForm   // nil when the reader may not review
	WhyNot      string        // why not, while the request is in review
	EditHref    string        // empty when the reader may not change it now
	Comment     *CommentForm
	Withdraw    *WithdrawForm
	History     []EntryView
	Follow      *FollowView // nil while nothing happens by itself
}

// FollowView keeps a page up to date while something is under way.
type FollowView struct {
	ProgressHref string // answers with what changed since, or with nothing
	ReloadHref   string // the page itself, for browsers without script
}

// StepView is one step of a request's way.
type StepView struct {
	Title  string
	State  StepState
	People []string
	Detail string // "1 of 2 approvals"
	Commit string
	At     Moment
}

// StepState is where a step is.
type StepState string

// The states of a step.
const (
	StepDone    StepState = "done"
	StepNow     StepState = "now"
	StepToCome  StepState = "to come"
	StepStopped StepState = "stopped"
)

// icon is the step's sign.
func (s StepState) icon() Icon {
	switch s {
	case StepDone:
		return IconCheck
	case StepStopped:
		return IconCross
	}
	return IconDot
}

// class is the step's style class.
func (s StepState) class() string {
	switch s {
	case StepDone:
		return "step step-done"
	case StepNow:
		return "step step-now"
	case StepStopped:
		return "step step-stopped"
	}
	return "step"
}

// PublicationView says why an approved request is not committed yet.
type PublicationView struct {
	Problem string
	Tries   string // "3 tries so far"
	Next    Moment
}

// ArrivalView says how far Argo CD has come with a committed request.
type ArrivalView struct {
	Note     string // what it waits for, or what to know about it
	Revision string // a commit that the note ends with
	At       Moment // when Argo CD last compared
	Trouble  *TroubleView
}

// TroubleView is what keeps a request from its cluster.
type TroubleView struct {
	Object  string // empty where Argo CD names none
	Message string // Argo CD's words
	Advice  string // what to do, and who
}

// ReviewForm is the form of a vote.
type ReviewForm struct {
	Action  string
	Stage   string // in whose name the vote is given
	Digest  string
	Vote    Field
	Reason  Field
	Summary ErrorSummary
}

// CommentForm asks for something to say on a request.
type CommentForm struct {
	Action string
	Text   Field
}

// WithdrawForm takes a request back.
type WithdrawForm struct {
	Action string
	Reason Field
	Open   bool
}

// EntryView is one event of a request's history.
type EntryView struct {
	Icon   Icon
	Tone   Tone
	Who    string // empty when Tenure itself acted
	What   string // "approved as security"
	Detail string // the words that were given with it
	Code   string // the commit or the plan it is about
	At     Moment
}
