package workflow

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// looseQuantity is an amount as people write it: a number with a point or a
// comma, perhaps an exponent, spaces, and a word or a suffix.
var looseQuantity = regexp.MustCompile(`\A\+?([0-9]*)(?:([.,])([0-9]*))?([eE][+-]?[0-9]{1,2})?\s*([A-Za-z]*)\z`)

// meant gives texts that may have been meant by an amount that is not written
// as Kubernetes does. Not all of them are amounts that may be asked for.
func (u QuantityUnit) meant(text string) []string {
	parts := looseQuantity.FindStringSubmatch(text)
	if parts == nil || parts[1]+parts[3] == "" {
		return nil
	}
	whole, point, fraction, exponent, word := parts[1], parts[2], parts[3], parts[4], parts[5]
	numbers := []string{decimal("0" + whole + "." + fraction + "0" + exponent)}
	if point == "," && len(fraction) == 3 && whole != "" {
		numbers = []string{decimal(whole + fraction), numbers[0]} // a thousand, or one with three zeros
	}
	var texts []string
	for _, number := range numbers {
		for _, suffix := range u.suffixesOf(word) {
			texts = append(texts, number+suffix)
		}
	}
	return texts
}

// decimal writes a number without an exponent and without needless zeros.
func decimal(text string) string {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return ""
	}
	const most = maxQuantity + 99 // digits, with those of the exponent
	number := value.FloatString(most)
	return strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
}

// suffixesOf gives the suffixes that a word may stand for.
func (u QuantityUnit) suffixesOf(word string) []string {
	singular := strings.TrimSuffix(strings.ToLower(word), "s")
	if u == UnitCPU {
		return coreSuffixes(singular)
	}
	if slices.Contains([]string{"", "b", "byte"}, singular) {
		return []string{""}
	}
	letter := strings.ToUpper(singular[:1])
	if !strings.Contains("KMGTPE", letter) {
		return nil
	}
	metric := letter
	if letter == "K" {
		metric = "k"
	}
	switch {
	case slices.Contains([]string{"", "b", "byte", "ig", "eg", "ilobyte", "egabyte", "igabyte", "erabyte", "etabyte", "xabyte"}, singular[1:]):
		return []string{metric, letter + "i"}
	case slices.Contains([]string{"i", "ib", "ibyte", "ibibyte", "ebibyte", "xbibyte"}, singular[1:]):
		return []string{letter + "i"}
	}
	return nil
}

// coreSuffixes gives the suffixes of CPU that a word, in lower case and without
// the s of its plural, may stand for.
func coreSuffixes(word string) []string {
	switch word {
	case "", "c", "core", "cpu", "vcpu", "vcore":
		return []string{""}
	case "m", "mc", "mcpu", "mcore", "milli", "millicore", "millicpu":
		return []string{"m"}
	}
	return nil
}

// roundedUp gives the next amount that is counted in wholes: of CPU in
// thousandths of a core, of bytes in millions.
func (u QuantityUnit) roundedUp(text string) string {
	value, suffix, written := exactValue(text)
	if !written {
		return ""
	}
	step := "M"
	switch {
	case u == UnitCPU:
		step = "m"
	case strings.HasSuffix(suffix, "i"):
		step = "Mi"
	}
	steps := value.Quo(value, suffixes[step])
	count := new(big.Int).Quo(steps.Num(), steps.Denom())
	if !steps.IsInt() {
		count.Add(count, big.NewInt(1))
	}
	return count.String() + step
}

// suggestions joins those texts that may be asked for, as they would be
// understood; empty where there is none.
func (u QuantityUnit) suggestions(texts []string) string {
	var valid []string
	for _, text := range texts {
		_, fault := u.read(text)
		if fault.says != "" {
			continue
		}
		if strings.HasSuffix(text, "i") {
			amount := resource.MustParse(text)
			text = amount.String() // 1.5Ti is 1536Gi to everybody else
		}
		if !slices.Contains(valid, text) {
			valid = append(valid, text)
		}
	}
	decimals := slices.ContainsFunc(valid, func(text string) bool { return strings.HasSuffix(text, "i") })
	for i, text := range valid {
		valid[i] = `"` + text + `"`
		if last := text[len(text)-1]; decimals && strings.IndexByte("kMGTPE", last) >= 0 {
			valid[i] += " (decimal)"
		}
	}
	return listed(valid, "or")
}
