package workflow

// Remembered is of how many requests the observer remembers a trouble.
func (o *Observer) Remembered() int { return len(o.trouble) }

// The parsers of what people type into the form for a network exception.
var (
	ParseLabels = parseLabels
	ParsePorts  = parsePorts
	ParseRange  = parseRange
	ParseExcept = parseExcept
	ParseFQDN   = parseFQDN
	ParseUntil  = parseUntil
	MergePorts  = mergePorts
	Covered     = covered
)

// Public says whether a range has any public address beside what is excepted.
func (p FlowPeer) Public() bool { return p.public() }

// The parsers of what people type into the other forms.
var (
	TypedQuantity = parseQuantity
	ParseCount    = parseCount
	ParseObjectID = parseObjectID
	ParseImage    = parseImage
	ParseHost     = parseHost
	ParseContact  = parseContact
	CheckText     = checkText
)

// Rivals says what is wrong with a change while another request is open.
func Rivals(change Change, other Request) (FieldProblem, bool) { return change.rivals(other) }
