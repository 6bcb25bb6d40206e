package workflow

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// maxPolicy bounds a policy that somebody asks for, in bytes. Those of large
// platforms have some 20 KiB; the repository's reader takes more, so that none
// which was approved once stops being read.
const maxPolicy = 256 << 10

// PolicyText is the policy in force as it is written.
type PolicyText struct {
	Document []byte // policy.yaml
	Sum      string // its SHA-256, "sha256:" and hex: the Base of a PolicyChange that edits it
	Commit   string // the verified commit that it stands at
}

// PolicyText reads the policy in force for those who may see requests for
// another: security, admins and auditors.
func (s *Service) PolicyText(_ context.Context, actor Actor) (PolicyText, error) {
	if !actor.seesAll() {
		return PolicyText{}, Refuse(Forbidden, "The text of the policy is for security, admins and auditors. The page of rules says what holds for everybody.")
	}
	state, err := s.state()
	if err != nil {
		return PolicyText{}, err
	}
	return PolicyText{Document: state.PolicyDocument, Sum: contentSum(state.PolicyDocument), Commit: state.Commit}, nil
}

// CheckPolicy says what is wrong with a policy as it is typed, by line: what
// cannot be read, and what of the approved state it would orphan. It plans
// nothing. Only those who may ask for a policy get an answer.
func (s *Service) CheckPolicy(_ context.Context, actor Actor, document []byte) ([]PolicyProblem, error) {
	if err := asksPolicy(actor); err != nil {
		return nil, err
	}
	state, err := s.state()
	if err != nil {
		return nil, err
	}
	_, problems, err := readPolicy(s.Policies, state, policyDocument(string(document)))
	return problems, err
}

// asksPolicy refuses whoever may not ask for another policy.
func asksPolicy(actor Actor) error {
	if !actor.HoldsAppRole(RoleAdmin) {
		return Refuse(Forbidden, "Only platform admins ask for another policy.")
	}
	return nil
}

// policyDocument gives a policy as it would stand in the repository: without the
// byte order mark of an upload, with the line ends of a form made plain, and a
// line end at its end.
func policyDocument(text string) []byte {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return []byte(text)
}

// CheckPolicyText says on which lines a policy holds what reviewers would not see:
// characters that are invisible, turn the direction of a line, or end a line for
// YAML but for neither a diff nor an editor (U+0085, U+2028, U+2029; YAML 1.1 §5.4).
// Only new policies are held to it.
func CheckPolicyText(document []byte) []PolicyProblem {
	var problems []PolicyProblem
	text := strings.ReplaceAll(string(document), "\r\n", "\n")
	for number := 1; text != "" && len(problems) < maxPolicyProblems; number++ {
		line, rest, _ := strings.Cut(text, "\n")
		if message := checkVisible(strings.ReplaceAll(line, "\t", " "), maxPolicy, false); message != "" {
			problems = append(problems, PolicyProblem{Line: number, Message: message})
		}
		text = rest
	}
	return problems
}

// readPolicy reads a policy that is to follow the one in force. It is usable
// only without problems.
func readPolicy(reader PolicyReader, state *ApprovedState, document []byte) (Policy, []PolicyProblem, error) {
	if reader == nil {
		return Policy{}, nil, Refuse(Unavailable, "No other policy can be proposed here: this portal was given nothing to read one with.")
	}
	switch {
	case len(bytes.TrimSpace(document)) == 0:
		return Policy{}, []PolicyProblem{{Message: "Write the whole new policy, or upload it."}}, nil
	case len(document) > maxPolicy:
		return Policy{}, []PolicyProblem{{Message: fmt.Sprintf("It has %d bytes; at most %d are allowed.", len(document), maxPolicy)}}, nil
	}
	policy, problems := reader.ReadPolicy(document)
	if len(problems) == 0 {
		problems = state.orphans(policy)
	}
	return policy, problems, nil
}

// String writes the problem on one line, the place first: "line 12:
// spec.sizes.small.cpu: …".
func (p PolicyProblem) String() string {
	text := p.Message
	if p.Field != "" {
		text = p.Field + ": " + text
	}
	if p.Line > 0 {
		text = fmt.Sprintf("line %d: %s", p.Line, text)
	}
	return text
}
