package web

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAFlowIsSaidInOneSentence(t *testing.T) {
	p := Picture{Ends: []PictureEnd{pods("api", "payments-api-prod", "app=api"), {ID: "db", Kind: EndAddresses, Label: "10.20.0.0/16"}}}
	for want, flow := range map[string]PictureFlow{
		"opens TCP 5432 from payments-api-prod app=api to 10.20.0.0/16 until 1 Feb 2027": {
			From: "api", To: "db", Ports: "TCP 5432", Change: FlowOpened, Until: pictureUntil,
		},
		"closes every port from 10.20.0.0/16 to payments-api-prod app=api": {From: "db", To: "api", Ports: "every port", Change: FlowClosed},
		"allows TCP 1 from payments-api-prod app=api to gone; one side only: gone refuses it": {
			From: "api", To: "gone", Ports: "TCP 1", OneSided: "gone refuses it",
		},
	} {
		if got := p.sentence(flow); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// boxesOf says what stands in the boxes of pods, by the IDs of their ends.
func boxesOf(p Picture) []string {
	var boxes []string
	for _, box := range LayOut(p).Boxes {
		var ids []string
		for _, i := range box.Ends {
			ids = append(ids, p.Ends[i].ID)
		}
		if box.Group >= 0 && !box.Header {
			boxes = append(boxes, strings.Join(ids, " "))
		}
	}
	slices.Sort(boxes)
	return boxes
}

func TestEndsWithTheSameConnectionsShareARow(t *testing.T) {
	ends := []PictureEnd{
		pods("a", "shop", "app=a"), pods("b", "shop", "app=b"), pods("c", "shop", "app=c"), pods("d", "other", "app=d"),
		{ID: "net", Kind: EndInternet, Label: "the internet"},
	}
	to := func(from, to, ports string) PictureFlow { return PictureFlow{From: from, To: to, Ports: ports} }
	for name, test := range map[string]struct {
		flows []PictureFlow
		want  []string
	}{
		"the same":                    {[]PictureFlow{to("a", "net", "TCP 1"), to("b", "net", "TCP 1"), to("c", "net", "TCP 1")}, []string{"a b c", "d"}},
		"other ports":                 {[]PictureFlow{to("a", "net", "TCP 1"), to("b", "net", "TCP 2")}, []string{"a", "b", "c", "d"}},
		"the other direction":         {[]PictureFlow{to("a", "net", "TCP 1"), to("net", "b", "TCP 1")}, []string{"a", "b", "c", "d"}},
		"another namespace":           {[]PictureFlow{to("a", "net", "TCP 1"), to("d", "net", "TCP 1")}, []string{"a", "b c", "d"}},
		"each other, all of them":     {[]PictureFlow{to("a", "b", "TCP 1"), to("b", "a", "TCP 1"), to("a", "c", "TCP 1"), to("c", "a", "TCP 1"), to("b", "c", "TCP 1"), to("c", "b", "TCP 1")}, []string{"a b c", "d"}},
		"each other, one way missing": {[]PictureFlow{to("a", "b", "TCP 1"), to("b", "a", "TCP 1"), to("a", "c", "TCP 1"), to("c", "a", "TCP 1"), to("b", "c", "TCP 1")}, []string{"a", "b", "c", "d"}},
		"one opens, the other stays":  {[]PictureFlow{to("a", "net", "TCP 1"), {From: "b", To: "net", Ports: "TCP 1", Change: FlowOpened}}, []string{"a", "b", "c", "d"}},
		"one side only":               {[]PictureFlow{to("a", "net", "TCP 1"), {From: "b", To: "net", Ports: "TCP 1", OneSided: "refused"}}, []string{"a", "b", "c", "d"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, boxesOf(Picture{Ends: ends, Flows: test.flows})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyUnchangedFlowsOfThePlatformAreFolded(t *testing.T) {
	ends := []PictureEnd{
		pods("api", "shop", "app=api"), platformEnd("monitoring"),
		{ID: "net", Kind: EndInternet, Label: "the internet"}, {ID: "login", Kind: EndName, Label: "login.example.com"},
	}
	for name, test := range map[string]struct {
		flow PictureFlow
		want string // the first line of the box that it comes from
	}{
		"stays":                 {PictureFlow{From: "monitoring", To: "api"}, "The platform"},
		"opens":                 {PictureFlow{From: "monitoring", To: "api", Change: FlowOpened}, "monitoring"},
		"closes":                {PictureFlow{From: "monitoring", To: "api", Change: FlowClosed}, "monitoring"},
		"one side only":         {PictureFlow{From: "monitoring", To: "api", OneSided: "refused"}, "monitoring"},
		"of the platform":       {PictureFlow{From: "login", To: "api", Platform: true}, "The platform"},
		"of a request":          {PictureFlow{From: "login", To: "api"}, "login.example.com"},
		"opens to the internet": {PictureFlow{From: "net", To: "api", Platform: true}, "the internet"},
	} {
		t.Run(name, func(t *testing.T) {
			layout := LayOut(Picture{Ends: ends, Flows: []PictureFlow{test.flow}})
			if got := layout.Boxes[layout.Arrows[0].From].Lines[0].Text; got != test.want {
				t.Errorf("it comes from %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatChangesIsToldApartWithoutColour(t *testing.T) {
	page := string(html(t, twoTenants()))
	for _, want := range []string{
		`class="picture-arrow picture-opened"`, signPlus, `>opens</text>`,
		`class="picture-arrow picture-closed"`, signCross, `>closes</text>`,
		`picture-other`, `>tenant search</text>`,
		`aria-label="opens TCP 9200, TCP 9300-9400 from shop-web-prod app=web, tier=frontend to search-index-prod app=query until 1 Feb 2027"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not there", want)
		}
	}
}

func TestWhereNothingPassesThePictureSaysWhatToDo(t *testing.T) {
	p := nothing()
	p.Ask = Link{"Request a network exception", "/requests/new/network"}
	page := string(html(t, p))
	if strings.Contains(page, "<svg class=\"picture-drawing") || !strings.Contains(page, "Nothing but DNS and the platform’s own flows.") ||
		!strings.Contains(page, `href="/requests/new/network"`) || !strings.Contains(page, "3 flows of the platform") {
		t.Error(page)
	}
	if page := string(html(t, Picture{})); !strings.Contains(page, "Nothing but DNS") {
		t.Error(page)
	}
}

func TestAnOpeningToTheInternetIsNeverHiddenAsThePlatforms(t *testing.T) {
	ends := []PictureEnd{pods("api", "shop", "app=api"), pods("web", "shop", "app=web"), {ID: "net", Kind: EndInternet, Label: "the internet"}}
	for _, flow := range []PictureFlow{{From: "api", To: "net", Platform: true}, {From: "api", To: "web", Platform: true}, {From: "api", To: "nobody", Platform: true}} {
		if page := string(html(t, Picture{Ends: ends, Flows: []PictureFlow{flow}})); strings.Contains(page, "Nothing but DNS") || strings.Contains(page, "<details") {
			t.Errorf("%+v is hidden: %s", flow, page)
		}
	}
}

func TestNamesCannotBringMarkupOrUnseenCharactersIntoAPicture(t *testing.T) {
	const evil = "a\u202Eb<script>\"'&"
	end := PictureEnd{ID: evil, Kind: EndPods, Group: evil, GroupNote: evil, Label: evil, Detail: []string{evil}, Href: "javascript:alert(1)"}
	p := Picture{Title: evil, Note: evil, Ends: []PictureEnd{end}, Flows: []PictureFlow{
		{From: evil, To: evil, Ports: evil, OneSided: evil, Because: evil, Href: "javascript:alert(1)"},
		{From: evil, To: "nobody" + evil, Ports: evil, Because: evil},
	}}
	page := html(t, p)
	for _, never := range []string{"\u202E", "<script", "javascript:"} {
		if bytes.Contains(page, []byte(never)) {
			t.Errorf("%q is in the page", never)
		}
	}
}

func TestThePicturesOfAPageHaveElementIDsOfTheirOwn(t *testing.T) {
	first, second := twoTenants(), twoTenants()
	second.ID = "before"
	page := append(html(t, first), html(t, second)...)
	seen := map[string]bool{}
	for part := range bytes.SplitSeq(page, []byte(` id="`)) {
		id, _, _ := bytes.Cut(part, []byte(`"`))
		if seen[string(id)] {
			t.Errorf("the id %q is there twice", id)
		}
		seen[string(id)] = true
	}
}

func TestTextIsBrokenWhereNamesAllowIt(t *testing.T) {
	for text, want := range map[string][]string{
		"app=api":                             {"app=api"},
		"payments-orders-prod":                {"payments-orders-prod"},
		"payments-orders-staging":             {"payments-orders-", "staging"},
		"a very long sentence of short words": {"a very long sentence", "of short words"},
		"abcdefghijklmnopqrstuvwxyz":          {"abcdefghijklmnopqrst", "uvwxyz"},
		strings.Repeat("0123456789", 5):       {"01234567890123456789", "0123456789012345678…"},
		"":                                    nil,
	} {
		style := lettering{size: 10, mono: true}
		if diff := cmp.Diff(want, style.wrap(text, 20*6.1+0.01, 2)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestAnArrowSaysItsFirstPorts(t *testing.T) {
	ends := []PictureEnd{pods("a", "shop", "app=a"), {ID: "net", Kind: EndInternet, Label: "the internet"}}
	for name, test := range map[string]struct{ ports, want []string }{
		"one":            {[]string{"TCP 443"}, []string{"TCP 443"}},
		"a list":         {[]string{"TCP 443, UDP 53"}, []string{"TCP 443", "UDP 53"}},
		"two flows":      {[]string{"TCP 443, UDP 53", "UDP 53, TCP 80"}, []string{"TCP 443", "UDP 53", "TCP 80"}},
		"more than fit":  {[]string{"TCP 1, TCP 2, TCP 3", "TCP 4"}, []string{"TCP 1", "TCP 2", "2 more"}},
		"much too long":  {[]string{strings.Repeat("TCP", 20)}, []string{"TCPTCPTCPTCPTCPTC…"}},
		"nothing at all": {[]string{""}, []string{"?"}},
	} {
		t.Run(name, func(t *testing.T) {
			var flows []PictureFlow
			for _, ports := range test.ports {
				flows = append(flows, PictureFlow{From: "a", To: "net", Ports: ports})
			}
			var got []string
			for _, line := range LayOut(Picture{Ends: ends, Flows: flows}).Arrows[0].Lines {
				got = append(got, line.Text)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStopsComeAsNearToWhatTheyWantAsTheirOrderAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := make([]stop, rapid.IntRange(1, 12).Draw(t, "stops"))
		for i := range line {
			line[i] = stop{
				want:   rapid.Float64Range(-100, 100).Draw(t, "want"),
				weight: rapid.Float64Range(0.01, 4).Draw(t, "weight"),
				size:   rapid.IntRange(0, 40).Draw(t, "size"),
				gap:    rapid.IntRange(0, 20).Draw(t, "gap"),
			}
		}
		tops := settleLine(line)
		for i := 1; i < len(tops); i++ {
			if tops[i]-tops[i-1] < float64(line[i-1].size+line[i-1].gap)-1e-6 {
				t.Fatalf("%d is too near to the one above: %v", i, tops)
			}
		}
		// Moving any run of neighbours up or down a little, where there is room, gains nothing.
		for from := range line {
			for until := from; until < len(line); until++ {
				for _, step := range []float64{-0.01, 0.01} {
					if roomFor(line, tops, from, until, step) && farFrom(line, tops, from, until, step) < farFrom(line, tops, from, until, 0)-1e-9 {
						t.Fatalf("moving %d to %d by %v is better: %v", from, until, step, tops)
					}
				}
			}
		}
	})
}

// roomFor says whether a run of stops can be moved by a step.
func roomFor(line []stop, tops []float64, from, until int, step float64) bool {
	room := func(i int) bool { return tops[i+1]-tops[i] >= float64(line[i].size+line[i].gap)+0.01 }
	if step < 0 {
		return from == 0 || room(from-1)
	}
	return until == len(line)-1 || room(until)
}

// farFrom sums how far a run of stops, moved by a step, is from what it wants.
func farFrom(line []stop, tops []float64, from, until int, step float64) float64 {
	sum := 0.0
	for i := from; i <= until; i++ {
		sum += line[i].weight * math.Pow(tops[i]+step-line[i].want, 2)
	}
	return sum
}

// BenchmarkLayOut times a layout, and in the same run the writing of the part of
// a page that it is for, layout and table and all. of-page is the ratio of the two.
func BenchmarkLayOut(b *testing.B) {
	for _, workloads := range []int{3, 60, 300} {
		picture := unlike(workloads)
		b.Run(fmt.Sprintf("workloads=%d", workloads), func(b *testing.B) {
			var own, page time.Duration
			for b.Loop() {
				begin := time.Now()
				LayOut(picture)
				own += time.Since(begin)
				b.StopTimer()
				begin = time.Now()
				html(b, picture)
				page += time.Since(begin)
				b.StartTimer()
			}
			b.ReportMetric(own.Seconds()/page.Seconds(), "of-page")
		})
	}
}

// unlike has so many workloads, ten in a namespace, no two of which have the
// same connections: nothing of it can be put together.
func unlike(workloads int) Picture {
	p := Picture{Title: "What may talk to what", Ends: []PictureEnd{{ID: "net", Kind: EndInternet, Label: "the internet"}}}
	for i := range workloads {
		id := fmt.Sprintf("w%d", i)
		p.Ends = append(p.Ends, pods(id, fmt.Sprintf("namespace-%d", i/10), "app="+id, "Deployment "+id))
		p.Flows = append(p.Flows, PictureFlow{From: id, To: fmt.Sprintf("w%d", (i*7+11)%workloads), Ports: fmt.Sprintf("TCP %d", 1000+i), Because: "request 1"})
		if i%3 == 0 {
			p.Flows = append(p.Flows, PictureFlow{From: id, To: "net", Ports: "TCP 443", Because: "request 2", Change: FlowOpened})
		}
	}
	return p
}
