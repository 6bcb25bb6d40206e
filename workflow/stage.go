package workflow

import (
	"encoding/json"
	"fmt"
)

// Stage is a group of people who must agree, and how many of them.
type Stage struct {
	Role   Role
	Needed int
	// InsteadOf names the role that the policy asks for, where nobody but the
	// people who asked holds it and the policy's fallback decides.
	InsteadOf Role
}

// MarshalJSON writes the form of policy.yaml, {owner: 1}; a fallback is
// written {admin: 1, insteadOf: owner}.
func (s Stage) MarshalJSON() ([]byte, error) {
	fields := map[string]any{string(s.Role): s.Needed}
	if s.InsteadOf != "" {
		fields["insteadOf"] = s.InsteadOf
	}
	return json.Marshal(fields)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Stage) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	*s = Stage{}
	if raw, found := fields["insteadOf"]; found {
		if err := json.Unmarshal(raw, &s.InsteadOf); err != nil {
			return fmt.Errorf("insteadOf: %w", err)
		}
		delete(fields, "insteadOf")
	}
	if len(fields) != 1 {
		return fmt.Errorf("a stage is one role and a number, such as {security: 1}")
	}
	for role, raw := range fields {
		s.Role = Role(role)
		if err := json.Unmarshal(raw, &s.Needed); err != nil {
			return fmt.Errorf("%s: %w", role, err)
		}
	}
	return nil
}
