package workflow

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// What a quantity may be written with, so that working out its value takes no
// time. The least and the most that Kubernetes counts need far fewer of either.
const (
	maxQuantityText   = 64 // bytes
	maxExponentDigits = 3
)

// ParseQuantity reads a quantity as Kubernetes does, except for texts of more than
// 64 bytes and exponents of more than three digits, which are errors: apimachinery
// works out ten to the power of an exponent, so that of 1e-999999999 keeps a
// processor busy for hours. Whatever others wrote is read with this.
func ParseQuantity(text string) (resource.Quantity, error) {
	if message := checkQuantityText(text); message != "" {
		return resource.Quantity{}, fmt.Errorf("%s %s", shortened(text), message)
	}
	return resource.ParseQuantity(text)
}

// QuantityTakesLong says whether a text is one that ParseQuantity refuses unread.
func QuantityTakesLong(text string) bool { return checkQuantityText(text) != "" }

// checkQuantityText says why a text is not read as a quantity; empty where it is.
func checkQuantityText(text string) string {
	if len(text) > maxQuantityText {
		return fmt.Sprintf("is longer than any quantity; at most %d characters are read", maxQuantityText)
	}
	i := strings.IndexAny(text, "eE")
	if i < 0 {
		return ""
	}
	exponent := strings.TrimLeft(text[i+1:], "+-")
	digits := len(exponent) - len(strings.TrimLeft(exponent, "0123456789"))
	if digits > maxExponentDigits {
		return fmt.Sprintf("has an exponent of %d digits; at most %d are read", digits, maxExponentDigits)
	}
	return ""
}
