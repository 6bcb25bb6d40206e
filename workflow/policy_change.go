package workflow

import (
	"bytes"
	"fmt"
	"strings"
)

// PolicyPath is where the policy stands in the GitOps repository.
const PolicyPath = "policy.yaml"

// PolicyChange asks for another policy. Only admins ask for one.
type PolicyChange struct {
	Document string `json:"document"` // the whole new policy.yaml, as typed or uploaded
	// Base is the SHA-256 of the policy.yaml that the person edited, as "sha256:"
	// and hex: an edit of an older one is refused. Empty for whichever is in force.
	Base   string `json:"base,omitempty"`
	Reason string `json:"reason"`
}

// PolicyEffect is what another policy brings with it.
type PolicyEffect struct {
	Tenants []TenantEffect `json:"tenants,omitempty"` // whose files change, by slug
	// Unshown is how many more files change than the plan lists: as it is shown and
	// stored it has the first MaxShownFiles only.
	Unshown int `json:"unshown,omitempty"`
	// Live is what of the clusters' live objects it would refuse; nil where nobody
	// looked. Advisory.
	Live *LiveEffect `json:"live,omitempty"`
}

// TenantEffect is how many files of a tenant another policy changes.
type TenantEffect struct {
	Tenant     string   `json:"tenant"`     // slug
	Files      int      `json:"files"`      // that change
	Namespaces []string `json:"namespaces"` // whose files change, as cluster/name; sorted
}

// Kind is KindPolicy.
func (PolicyChange) Kind() Kind { return KindPolicy }

// Title says that it is about the policy.
func (PolicyChange) Title() string { return "Policy" }

// Why is the reason that was given.
func (c PolicyChange) Why() string { return strings.TrimSpace(c.Reason) }

// Apply changes no tenancy. The planner reads the document, for which it has the
// reader.
func (c PolicyChange) Apply(base *ApprovedState, tenancy Tenancy, _ int64) (Tenancy, []FieldProblem) {
	return tenancy, c.checkAlone(base.Policy)
}

// checkAlone says what is wrong with what was typed beside the document.
func (c PolicyChange) checkAlone(Policy) []FieldProblem {
	var problems typedProblems
	problems.addReason("reason", c.Reason, "Say in a sentence why the policy should be another. Reviewers read it first.")
	return problems
}

// rivals refuses what another open request already asks for, to the letter. Two
// that ask for different policies may both be open: what is committed first has
// the other go back.
func (c PolicyChange) rivals(other Request) (FieldProblem, bool) {
	rival, same := other.Change.(PolicyChange)
	return FieldProblem{Field: "document", Message: fmt.Sprintf("Request %d by %s already asks for exactly this policy.", other.ID, other.RequestedBy.Name)},
		same && bytes.Equal(policyDocument(rival.Document), policyDocument(c.Document))
}

// read reads the document that is asked for, and gives everything that is wrong
// with it as problems of its field.
func (c PolicyChange) read(reader PolicyReader, state *ApprovedState) (document []byte, policy Policy, problems []FieldProblem, err error) {
	document = policyDocument(c.Document)
	policy, found, err := readPolicy(reader, state, document)
	if err != nil {
		return nil, Policy{}, nil, err
	}
	for i, p := range found {
		if i == maxPolicyProblems {
			problems = append(problems, FieldProblem{Field: "document", Message: fmt.Sprintf("There are %d more problems.", len(found)-i)})
			break
		}
		problems = append(problems, FieldProblem{Field: "document", Message: p.String()})
	}
	base := contentSum(state.PolicyDocument)
	switch {
	case c.Base != "" && c.Base != base:
		problems = append(problems, FieldProblem{Field: "document", Message: "The policy has changed since you began to edit it. Take your edits over into the one that is in force now."})
	case bytes.Equal(document, state.PolicyDocument):
		problems = append(problems, FieldProblem{Field: "document", Message: "This is the policy that is in force already. Change something."})
	}
	return document, policy, problems, nil
}

// maxPolicyProblems is how many problems of a document are told at once.
const maxPolicyProblems = 100
