package workflow

import (
	"cmp"
	"time"
)

// Exemption lets one value through one rule of admission, for some pods of a
// namespace, until its end.
type Exemption struct {
	Rule     string            `json:"rule"`     // its public name
	Selector map[string]string `json:"selector"` // labels of the pods it is for; never empty
	Value    string            `json:"value"`    // what is let through, see RuleInfo.Exempts
	Until    time.Time         `json:"until"`    // UTC, whole seconds; from then on it is not granted
	Request  int64             `json:"request"`  // the request that gave it
}

// Expired says whether the exemption is no longer granted at that moment.
func (e Exemption) Expired(now time.Time) bool { return !now.Before(e.Until) }

// compare orders exemptions by request. Each request gives one.
func (e Exemption) compare(other Exemption) int { return cmp.Compare(e.Request, other.Request) }

// same says whether two exemptions let through the same, to whatever end.
func (e Exemption) same(other Exemption) bool {
	return e.Rule == other.Rule && e.Value == other.Value && LabelsTyped(e.Selector) == LabelsTyped(other.Selector)
}

// words say what the exemption lets through.
func (e Exemption) words() string {
	return e.Value + " past " + e.Rule + " for pods with " + LabelsTyped(e.Selector)
}
