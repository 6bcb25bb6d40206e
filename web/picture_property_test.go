package web

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyPicture draws pictures of every kind: with flows between any two ends, ends
// that nobody described, names too long for a box, and characters nobody sees.
func anyPicture(t *rapid.T) Picture {
	name := rapid.SampledFrom([]string{
		"app=api", "app.kubernetes.io/name=a-name-that-is-much-too-long-for-any-box-of-this-picture", "every pod", "",
		"2001:db8:85a3:1234:5678:8a2e:370:7334/128", "支付 支付 支付 支付 支付 支付 支付", "exe\u202Egnp", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
	})
	kinds := []EndKind{EndPods, EndPods, EndPods, EndPods, EndPlatform, EndCluster, EndInternet, EndAddresses, EndName}
	p := Picture{Title: "What may talk to what"}
	ids := []string{"nobody"}
	for i := range rapid.IntRange(0, 25).Draw(t, "ends") {
		end := PictureEnd{ID: fmt.Sprintf("e%d", i), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Label: name.Draw(t, "label")}
		end.Detail = rapid.SliceOfN(name, 0, 4).Draw(t, "detail")
		if end.Kind == EndPods {
			end.Group = fmt.Sprintf("namespace-%d", rapid.IntRange(0, 6).Draw(t, "namespace"))
			end.Other = end.Group > "namespace-4"
			end.GroupNote = rapid.SampledFrom([]string{"", "tenant search"}).Draw(t, "note")
		}
		p.Ends = append(p.Ends, end)
		ids = append(ids, end.ID)
	}
	for range rapid.IntRange(0, 40).Draw(t, "flows") {
		p.Flows = append(p.Flows, PictureFlow{
			From:     rapid.SampledFrom(ids).Draw(t, "from"),
			To:       rapid.SampledFrom(ids).Draw(t, "to"),
			Ports:    rapid.SampledFrom([]string{"TCP 443", "every port", "TCP 8000-8100, UDP 53, SCTP 3868, TCP 9200-9300, TCP 65535"}).Draw(t, "ports"),
			Change:   rapid.SampledFrom([]FlowChange{FlowStays, FlowStays, FlowOpened, FlowClosed}).Draw(t, "change"),
			OneSided: rapid.SampledFrom([]string{"", "", "the other side refuses it"}).Draw(t, "oneSided"),
			Platform: rapid.Bool().Draw(t, "platform"),
		})
	}
	return p
}

func (r Rect) overlaps(other Rect) bool {
	return r.X < other.X+other.W && other.X < r.X+r.W && r.Y < other.Y+other.H && other.Y < r.Y+r.H
}

func (r Rect) holds(other Rect) bool {
	return r.X <= other.X && r.Y <= other.Y && other.X+other.W <= r.X+r.W && other.Y+other.H <= r.Y+r.H
}

// borders says whether a point is on the left or the right border, corners apart.
func (r Rect) borders(p Point) bool {
	return (p.X == r.X || p.X == r.X+r.W) && p.Y > r.Y && p.Y < r.Y+r.H
}

func TestNothingOfAPictureCoversAnotherThing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkLayout(t, LayOut(anyPicture(t)))
	})
}

func TestThePicturesOfTheGoldenFilesCoverNothing(t *testing.T) {
	for name, picture := range pictureCases {
		t.Run(name, func(t *testing.T) { checkLayout(t, LayOut(picture())) })
	}
}

// checkLayout holds what every layout must keep to.
func checkLayout(t rapid.TB, layout PictureLayout) {
	t.Helper()
	view := Rect{0, 0, layout.Width, layout.Height}
	var solid []Rect // frames of namespaces, boxes outside
	for g, group := range layout.Groups {
		solid = append(solid, group.Rect)
		var rows []Rect
		for _, box := range layout.Boxes {
			if box.Group != g {
				continue
			}
			if !group.holds(box.Rect) {
				t.Errorf("box %v stands out of its namespace %v", box.Rect, group.Rect)
			}
			rows = append(rows, box.Rect)
		}
		apart(t, "rows", rows)
	}
	for _, box := range layout.Boxes {
		if box.Group < 0 {
			solid = append(solid, box.Rect)
		}
		if box.Badge.W > 0 && !box.holds(box.Badge) {
			t.Errorf("badge %v stands out of its box %v", box.Badge, box.Rect)
		}
		linesFit(t, box.Rect, box.Lines)
	}
	for _, arrow := range layout.Arrows {
		solid = append(solid, arrow.Pill)
		from, to := layout.Boxes[arrow.From], layout.Boxes[arrow.To]
		if !from.borders(arrow.Start) {
			t.Errorf("%s: starts at %v, not at the border of %v", arrow.Name, arrow.Start, from.Rect)
		}
		if !to.borders(arrow.End) {
			t.Errorf("%s: ends at %v, not at the border of %v", arrow.Name, arrow.End, to.Rect)
		}
		if len(arrow.Lines) == 0 || len(arrow.Flows) == 0 {
			t.Errorf("%s: says nothing, or stands for nothing", arrow.Name)
		}
		linesFit(t, arrow.Pill, arrow.Lines)
	}
	for _, rect := range solid {
		if !view.holds(rect) {
			t.Errorf("%v stands out of the picture %v", rect, view)
		}
	}
	apart(t, "boxes and labels", solid)
	linesKeepOut(t, layout)
}

func apart(t rapid.TB, what string, rects []Rect) {
	t.Helper()
	for i, a := range rects {
		for _, b := range rects[i+1:] {
			if a.overlaps(b) {
				t.Errorf("%s: %v and %v overlap", what, a, b)
			}
		}
	}
}

// linesFit holds that a box's lines are in it, also by the estimated widths.
func linesFit(t rapid.TB, within Rect, lines []PictureLine) {
	t.Helper()
	styles := map[string]lettering{}
	for _, style := range []lettering{letteringTitle, letteringLabel, letteringDetail, letteringBadge, letteringWord, letteringPorts} {
		styles[style.class] = style
	}
	for _, line := range lines {
		style := styles[line.Class]
		taken := Rect{line.X, line.Y - int(style.size*0.8), int(style.width(line.Text)), int(style.size)}
		if !within.holds(taken) {
			t.Errorf("%q takes %v, which stands out of %v", line.Text, taken, within)
		}
	}
}

// linesKeepOut holds that the line of no arrow meets a box or another's label.
// It follows the curves in small steps; a curve ends at a border.
func linesKeepOut(t rapid.TB, layout PictureLayout) {
	t.Helper()
	inner := func(r Rect) Rect { return Rect{r.X + 1, r.Y + 1, r.W - 2, r.H - 2} }
	for i, arrow := range layout.Arrows {
		for _, p := range trace(arrow.Path) {
			at := Rect{p.X, p.Y, 1, 1}
			for _, box := range layout.Boxes {
				if inner(box.Rect).overlaps(at) {
					t.Fatalf("%s: goes through the box %v at %v: %s", arrow.Name, box.Rect, p, arrow.Path)
				}
			}
			for k, other := range layout.Arrows {
				if k != i && inner(other.Pill).overlaps(at) {
					t.Fatalf("%s: goes through the label %v of another at %v: %s", arrow.Name, other.Pill, p, arrow.Path)
				}
			}
		}
	}
}

// trace gives points along a path of the commands M, H, V and C.
func trace(path string) []Point {
	var points []Point
	at := Point{}
	to := func(bend [3]Point) {
		const steps = 40
		for s := 1; s <= steps; s++ {
			v := float64(s) / steps
			u := 1 - v
			on := func(a, b, c, d int) int {
				return int(u*u*u*float64(a) + 3*u*u*v*float64(b) + 3*u*v*v*float64(c) + v*v*v*float64(d))
			}
			points = append(points, Point{on(at.X, bend[0].X, bend[1].X, bend[2].X), on(at.Y, bend[0].Y, bend[1].Y, bend[2].Y)})
		}
		at = bend[2]
	}
	spaced := strings.NewReplacer("M", "\nM ", "H", "\nH ", "V", "\nV ", "C", "\nC ").Replace(path)
	for line := range strings.SplitSeq(strings.TrimSpace(spaced), "\n") {
		var command string
		var n [6]int
		count, _ := fmt.Sscan(line, &command, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5])
		end := at
		switch {
		case command == "M" && count == 3:
			at = Point{n[0], n[1]}
			continue
		case command == "H" && count == 2:
			end.X = n[0]
		case command == "V" && count == 2:
			end.Y = n[0]
		case command == "C" && count == 7:
			to([3]Point{{n[0], n[1]}, {n[2], n[3]}, {n[4], n[5]}})
			continue
		default:
			panic("no such path: " + path)
		}
		to([3]Point{at, end, end})
	}
	return points
}

func TestALayoutIsAlwaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		picture := anyPicture(t)
		first, again := LayOut(picture), LayOut(picture)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("the second time another one:\n%s", diff)
		}
	})
}

func TestEveryFlowIsInThePictureAndInTheTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		picture := anyPicture(t)
		view := picture.view()
		known := func(id string) (PictureEnd, bool) {
			i := slices.IndexFunc(picture.Ends, func(e PictureEnd) bool { return e.ID == id })
			if i < 0 {
				return PictureEnd{}, false
			}
			return picture.Ends[i], true
		}
		drawn := map[int]int{}
		for _, arrow := range view.layout.Arrows {
			for _, flow := range arrow.Flows {
				drawn[flow]++
			}
		}
		for i, flow := range picture.Flows {
			_, fromKnown := known(flow.From)
			_, toKnown := known(flow.To)
			must := fromKnown && toKnown && (flow.Change != FlowStays || flow.OneSided != "")
			if drawn[i] > 1 || must && drawn[i] == 0 {
				t.Fatalf("flow %d is drawn %d times", i, drawn[i])
			}
			if !fromKnown || !toKnown {
				if drawn[i] != 0 {
					t.Fatalf("flow %d leads to an end that is not there, and is drawn", i)
				}
			}
		}
		checkTable(t, picture, view)
	})
}

// checkTable holds that the rows say each flow, and nothing but the flows.
func checkTable(t *rapid.T, picture Picture, view pictureView) {
	said, want := map[PictureFlow]bool{}, map[PictureFlow]bool{}
	ids := map[string]bool{}
	for _, section := range view.sections {
		for _, row := range section.rows {
			ids[row.id] = true
			for _, from := range row.from {
				for _, to := range row.to {
					flow := row.PictureFlow
					flow.From, flow.To = from.ID, to.ID
					said[flow] = true
				}
			}
		}
	}
	for _, flow := range picture.Flows {
		want[flow] = true
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Fatalf("(-flows +rows):\n%s", diff)
	}
	for _, arrow := range view.layout.Arrows {
		if id := picture.flowID(arrow.Flows[0]); !ids[id] {
			t.Fatalf("the arrow %q leads to the row %s, which is not there", arrow.Name, id)
		}
	}
}

func TestEveryLinkOfAPictureLeadsSomewhere(t *testing.T) {
	for name, picture := range pictureCases {
		t.Run(name, func(t *testing.T) {
			page := html(t, picture())
			for part := range bytes.SplitSeq(page, []byte(`href="#`)) {
				id, _, found := bytes.Cut(part, []byte(`"`))
				if !found || bytes.HasPrefix(part, []byte("<section")) {
					continue
				}
				if n := bytes.Count(page, fmt.Appendf(nil, ` id="%s"`, id)); n != 1 {
					t.Errorf("%d elements have the id %q", n, id)
				}
			}
			if bytes.Contains(page, []byte(" style=")) || bytes.Contains(page, []byte("<style")) || bytes.Contains(page, []byte("<script")) {
				t.Error("it has a style or a script of its own, which the portal's pages do not run")
			}
		})
	}
}
