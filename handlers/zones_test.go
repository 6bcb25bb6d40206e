package handlers

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestTimesAreInUTCAndEndsSayTheReadersZone(t *testing.T) {
	page := get(t, portal(&standIn{within: within()}, dana), "/namespaces/weu-1/payments-api-prod")
	var ends, others int
	for n := range page.page.Descendants() {
		if n.Data != "time" {
			continue
		}
		if !strings.HasSuffix(attribute(n, "datetime"), "Z") || !strings.Contains(text(n), " UTC") {
			t.Errorf("a time is not in UTC, or does not say so: %q %q", attribute(n, "datetime"), text(n))
		}
		if attribute(n, "data-zone") == "beside" {
			ends++
		} else {
			others++
		}
	}
	if ends < 3 || others == 0 {
		t.Errorf("%d ends and %d other times", ends, others)
	}
	if note := find(page.page, func(n *html.Node) bool { return strings.Contains(attributes(n), "data-zone-note") }); text(note) != "Times are in UTC." {
		t.Errorf("the page says %q", text(note))
	}
}

func TestAFormSaysThatItsEndIsInUTCAndHasAPlaceForTheReadersZone(t *testing.T) {
	for _, path := range []string{newNetworkPath, newQuotaPath + "?namespace=payments-api-prod", newAccessPath, newExemptionPath} {
		page := get(t, portal(withGrants(), dana), path)
		place := find(page.page, func(n *html.Node) bool { return attribute(n, "data-zone-of") == "until" })
		if place == nil || byID(page.page, "until") == nil || !strings.Contains(text(byID(page.page, "until-hint")), "at 00:00 UTC.") {
			t.Errorf("%s: there is no place, or the hint is %q", path, text(byID(page.page, "until-hint")))
		}
	}
}
