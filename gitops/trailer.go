package gitops

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"tenure.dev/workflow"
)

// The trailers, in the order in which they are written.
const (
	trailerAct         = "Tenure-Act"
	trailerRequest     = "Tenure-Request"
	trailerKind        = "Tenure-Kind"
	trailerRequestedBy = "Tenure-Requested-By"
	trailerApprovedBy  = "Tenure-Approved-By"
	trailerStages      = "Tenure-Stages"
	trailerPlan        = "Tenure-Plan"
	trailerPlannedAt   = "Tenure-Planned-At"
	trailerAuditHead   = "Tenure-Audit-Head"
	trailerRenderer    = "Tenure-Renderer"
	trailerRestores    = "Tenure-Restores"
	trailerEnds        = "Tenure-Ends"
)

// What the values look like.
var (
	wordPattern     = regexp.MustCompile(`^[a-z][a-z-]{0,30}$`)
	digestPattern   = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	commitPattern   = regexp.MustCompile(`^[0-9a-f]{40}$`)
	rendererPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$`)
	stagePattern    = regexp.MustCompile(`^([a-z][a-z-]*)=([1-9][0-9]{0,3})(?:\(([a-z][a-z-]*)\))?$`)
)

// encodeTrailers writes the paragraph of trailers, one a line. A zero field
// has no trailer; which ones an act must have is for its proof to say.
func encodeTrailers(m workflow.CommitMessage) (string, error) {
	var out strings.Builder
	var problems []error
	add := func(key, value string) { out.WriteString(key + ": " + value + "\n") }
	match := func(key string, pattern *regexp.Regexp, value string) {
		if value == "" {
			return
		}
		if !pattern.MatchString(value) {
			problems = append(problems, fmt.Errorf("%s cannot be %q", key, value))
		}
		add(key, value)
	}
	person := func(key, between string, p workflow.Person) {
		if id, ok := workflow.ParsePersonID(p.ID.String()); !ok || id != p.ID {
			problems = append(problems, fmt.Errorf("%s cannot be %q: an Entra tenant id and object id are needed", key, p.ID))
		}
		value := p.ID.String() + between
		if name := oneLine(p.Name); name != "" {
			value += "; name=" + name
		}
		add(key, value)
	}
	if m.Act == "" {
		problems = append(problems, fmt.Errorf("%s is missing", trailerAct))
	}
	match(trailerAct, wordPattern, string(m.Act))
	if m.Request < 0 {
		problems = append(problems, fmt.Errorf("%s cannot be %d", trailerRequest, m.Request))
	}
	if m.Request != 0 {
		add(trailerRequest, strconv.FormatInt(m.Request, 10))
	}
	match(trailerKind, wordPattern, string(m.Kind))
	if !m.RequestedBy.ID.IsZero() {
		person(trailerRequestedBy, "", m.RequestedBy)
	}
	for _, approval := range m.ApprovedBy {
		if !wordPattern.MatchString(string(approval.Stage)) {
			problems = append(problems, fmt.Errorf("%s cannot have the stage %q", trailerApprovedBy, approval.Stage))
		}
		person(trailerApprovedBy, "; stage="+string(approval.Stage), approval.Person)
	}
	if len(m.Stages) > 0 {
		text := workflow.StagesText(m.Stages)
		if _, err := parseStages(text); err != nil {
			problems = append(problems, err)
		}
		add(trailerStages, text)
	}
	match(trailerPlan, digestPattern, string(m.Plan))
	if !m.PlannedAt.IsZero() {
		add(trailerPlannedAt, m.PlannedAt.UTC().Format(time.RFC3339Nano))
	}
	match(trailerAuditHead, digestPattern, m.AuditHead)
	match(trailerRenderer, rendererPattern, m.Renderer)
	match(trailerRestores, commitPattern, m.Restores)
	if m.Ends < 0 {
		problems = append(problems, fmt.Errorf("%s cannot be %d", trailerEnds, m.Ends))
	}
	if m.Ends != 0 {
		add(trailerEnds, strconv.FormatInt(m.Ends, 10))
	}
	return out.String(), errors.Join(problems...)
}

// parseTrailers reads the paragraph of trailers into the message. Order and
// form are checked by ParseMessage, which writes the message again.
func parseTrailers(text string, m *workflow.CommitMessage) error {
	seen := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		key, value, found := strings.Cut(line, ": ")
		if !found || value == "" {
			return fmt.Errorf("%q is not a trailer", line)
		}
		if seen[key] && key != trailerApprovedBy {
			return fmt.Errorf("the trailer %s stands twice", key)
		}
		seen[key] = true
		if err := parseTrailer(key, value, m); err != nil {
			return err
		}
	}
	return nil
}

func parseTrailer(key, value string, m *workflow.CommitMessage) error {
	var err error
	switch key {
	case trailerAct:
		m.Act = workflow.Act(value)
	case trailerRequest:
		m.Request, err = strconv.ParseInt(value, 10, 64)
	case trailerKind:
		m.Kind = workflow.Kind(value)
	case trailerRequestedBy:
		m.RequestedBy, err = parsePerson(value)
	case trailerApprovedBy:
		var approval workflow.Approval
		approval, err = parseApproval(value)
		m.ApprovedBy = append(m.ApprovedBy, approval)
	case trailerStages:
		m.Stages, err = parseStages(value)
	case trailerPlan:
		m.Plan = workflow.Digest(value)
	case trailerPlannedAt:
		m.PlannedAt, err = time.Parse(time.RFC3339Nano, value)
	case trailerAuditHead:
		m.AuditHead = value
	case trailerRenderer:
		m.Renderer = value
	case trailerRestores:
		m.Restores = value
	case trailerEnds:
		m.Ends, err = strconv.ParseInt(value, 10, 64)
	default:
		return fmt.Errorf("there is no trailer %q", key)
	}
	if err != nil {
		return fmt.Errorf("the trailer %s cannot be %q", key, value)
	}
	return nil
}

// parsePerson reads "tid/oid; name=Dana Developer". The name is last and ends
// with the line, so that nothing in it has a meaning.
func parsePerson(value string) (workflow.Person, error) {
	text, name, named := strings.Cut(value, "; name=")
	id, ok := workflow.ParsePersonID(text)
	if !ok || (named && name == "") {
		return workflow.Person{}, fmt.Errorf("%q names no person", value)
	}
	return workflow.Person{ID: id, Name: name}, nil
}

// parseApproval reads "tid/oid; stage=security; name=Sam Security".
func parseApproval(value string) (workflow.Approval, error) {
	id, rest, found := strings.Cut(value, "; stage=")
	if !found {
		return workflow.Approval{}, fmt.Errorf("%q names no stage", value)
	}
	stage, name, named := strings.Cut(rest, "; name=")
	if named {
		id += "; name=" + name
	}
	person, err := parsePerson(id)
	return workflow.Approval{Person: person, Stage: workflow.Role(stage)}, err
}

// parseStages reads "owner=1 security=2", a fallback being "admin=1(owner)".
func parseStages(value string) ([]workflow.Stage, error) {
	var stages []workflow.Stage
	for text := range strings.SplitSeq(value, " ") {
		parts := stagePattern.FindStringSubmatch(text)
		if parts == nil {
			return nil, fmt.Errorf("%s cannot be %q", trailerStages, value)
		}
		needed, err := strconv.Atoi(parts[2])
		if err != nil {
			return nil, err
		}
		stages = append(stages, workflow.Stage{Role: workflow.Role(parts[1]), Needed: needed, InsteadOf: workflow.Role(parts[3])})
	}
	return stages, nil
}
