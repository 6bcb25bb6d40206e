package workflow

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// QuantityUnit is what an amount counts.
type QuantityUnit string

// What people ask for amounts of.
const (
	UnitCPU     QuantityUnit = "CPU"     // cores
	UnitMemory  QuantityUnit = "memory"  // bytes
	UnitStorage QuantityUnit = "storage" // bytes; there may be none at all
)

// maxQuantity is the longest text of an amount, in bytes: more digits than the
// largest one has.
const maxQuantity = 30

// bounds are the least amount but zero, the most, and an example for messages.
// The least of memory and storage is far below what any container needs: what
// is less has lost its unit.
func (u QuantityUnit) bounds() (least, most, example string) {
	if u == UnitCPU {
		return "1m", "100k", "500m or 2"
	}
	return "1Mi", "1Ei", "512Mi or 4Gi"
}

// kubernetesQuantity is an amount as Kubernetes writes it, without exponents:
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
var kubernetesQuantity = regexp.MustCompile(`\A([0-9]+(?:\.[0-9]+)?)([munkMGTPE]|[KMGTPE]i)?\z`)

// parseQuantity reads an amount as Kubernetes writes it, "500m" of CPU or
// "1.5Gi" of memory, and gives it in its canonical form. Other ways to write it
// are answered with what may have been meant. The message says what is wrong;
// empty when nothing is.
func parseQuantity(text string, unit QuantityUnit) (amount resource.Quantity, message string) {
	text = strings.TrimSpace(text)
	_, _, example := unit.bounds()
	switch {
	case text == "":
		return amount, fmt.Sprintf("Say how much %s, such as %s.", unit, example)
	case len(text) > maxQuantity:
		return amount, fmt.Sprintf("%s is not an amount of %s; write it as Kubernetes does, such as %s.", shortened(text), unit, example)
	}
	amount, fault := unit.read(text)
	if fault.says == "" {
		return amount, ""
	}
	suggestions := unit.suggestions(append(unit.meant(text), fault.perhaps...))
	switch {
	case suggestions != "":
		return resource.Quantity{}, fmt.Sprintf("%q %s; did you mean %s?", text, fault.says, suggestions)
	case fault.foreign:
		return resource.Quantity{}, fmt.Sprintf("%q is not an amount of %s; write it as Kubernetes does, such as %s.", text, unit, example)
	}
	return resource.Quantity{}, fmt.Sprintf("%q %s.", text, fault.says)
}

// quantityFault says why an amount is not taken.
type quantityFault struct {
	says    string   // goes on after the text; empty for none
	foreign bool     // it is not written as Kubernetes does
	perhaps []string // what may have been meant
}

// read takes an amount that is written as Kubernetes does.
func (u QuantityUnit) read(text string) (amount resource.Quantity, fault quantityFault) {
	if rest, negative := strings.CutPrefix(text, "-"); negative && kubernetesQuantity.MatchString(rest) {
		return amount, quantityFault{says: "is negative; there is no less than nothing of " + string(u)}
	}
	value, suffix, written := exactValue(text)
	switch {
	case !written:
		return amount, quantityFault{says: "is not how Kubernetes writes it", foreign: true}
	case u == UnitCPU && strings.Trim(suffix, "KMGTPEi") != suffix:
		return amount, quantityFault{says: "has a suffix that is not for CPU", foreign: true}
	}
	if fault = u.judge(text, value, suffix); fault.says != "" {
		return amount, fault
	}
	amount, err := resource.ParseQuantity(text)
	if err != nil {
		return amount, quantityFault{says: "is not how Kubernetes writes it", foreign: true}
	}
	// Read again, since a quantity keeps the text that it was read from.
	digits, canonical := amount.CanonicalizeBytes(nil)
	return resource.MustParse(string(digits) + string(canonical)), quantityFault{}
}

// judge holds an amount against what can be counted and asked for.
func (u QuantityUnit) judge(text string, value *big.Rat, suffix string) (fault quantityFault) {
	leastText, mostText, _ := u.bounds()
	least, _, _ := exactValue(leastText)
	most, _, _ := exactValue(mostText)
	counted := value // in what is counted in wholes: thousandths of a core, bytes
	if u == UnitCPU {
		counted = new(big.Rat).Quo(value, suffixes["m"])
	}
	number := strings.TrimSuffix(text, suffix)
	switch {
	case value.Sign() == 0 && u != UnitStorage:
		fault.says = fmt.Sprintf("is no %s at all, and nothing runs on that; the least is %s", u, leastText)
	case value.Cmp(most) > 0:
		fault.says = fmt.Sprintf("is more %s than any cluster has; the most that can be asked for is %s", u, mostText)
	case suffix == "m" && u != UnitCPU:
		fault.says = "means thousandths of a byte"
	case !counted.IsInt() && u == UnitCPU:
		fault.says = "is finer than 1m, a thousandth of a core, which is the least that Kubernetes counts"
		fault.perhaps = []string{strings.TrimSuffix(text, "m"), u.roundedUp(text)}
	case !counted.IsInt():
		fault.says = "is not a whole number of bytes"
		fault.perhaps = []string{u.roundedUp(text)}
	case value.Sign() > 0 && value.Cmp(least) < 0:
		fault.says = fmt.Sprintf("is only %s; the least %s that can be asked for is %s", bytesText(value), u, leastText)
		fault.perhaps = []string{number + "Mi", number + "Gi"}
	}
	return fault
}

func bytesText(value *big.Rat) string {
	if value.Cmp(big.NewRat(1, 1)) == 0 {
		return "1 byte"
	}
	return value.FloatString(0) + " bytes"
}

// suffixes are the factors of the suffixes that Kubernetes knows.
var suffixes = map[string]*big.Rat{
	"": big.NewRat(1, 1), "n": big.NewRat(1, 1e9), "u": big.NewRat(1, 1e6), "m": big.NewRat(1, 1e3),
	"k": big.NewRat(1e3, 1), "M": big.NewRat(1e6, 1), "G": big.NewRat(1e9, 1),
	"T": big.NewRat(1e12, 1), "P": big.NewRat(1e15, 1), "E": big.NewRat(1e18, 1),
	"Ki": big.NewRat(1<<10, 1), "Mi": big.NewRat(1<<20, 1), "Gi": big.NewRat(1<<30, 1),
	"Ti": big.NewRat(1<<40, 1), "Pi": big.NewRat(1<<50, 1), "Ei": big.NewRat(1<<60, 1),
}

// exactValue is what a text as Kubernetes writes it amounts to, without
// rounding.
func exactValue(text string) (value *big.Rat, suffix string, written bool) {
	parts := kubernetesQuantity.FindStringSubmatch(text)
	if parts == nil {
		return nil, "", false
	}
	value, written = new(big.Rat).SetString(parts[1])
	if !written {
		return nil, "", false
	}
	return value.Mul(value, suffixes[parts[2]]), parts[2], true
}
