package web

// QuotaFields is the form for other amounts. Which namespace it is was chosen
// before: it goes with the form unseen, and the facts show it.
type QuotaFields struct {
	Namespace Field
	Facts     []Fact
	OtherHref string // leads to the choice of another namespace; empty where it is settled
	Unknown   string // why nothing is said of what is in use; empty where it is known

	Amounts  []AmountField // CPU, memory, storage, pods
	More     []AmountField // objects that can be counted
	MoreOpen bool

	Until     Field
	Confirmed Field
	Reason    Field
}

// AmountField asks for an amount, and draws it beside what there is.
type AmountField struct {
	Field
	Bar QuotaBar
}

// fields lists the form's fields in the order of the page.
func (q *QuotaFields) fields() []*Field {
	fields := []*Field{&q.Namespace}
	for i := range q.Amounts {
		fields = append(fields, &q.Amounts[i].Field)
	}
	for i := range q.More {
		fields = append(fields, &q.More[i].Field)
	}
	return append(fields, &q.Until, &q.Confirmed, &q.Reason)
}

// bars lists the bars of every amount.
func (q *QuotaFields) bars() []QuotaBar {
	var bars []QuotaBar
	for _, amounts := range [][]AmountField{q.Amounts, q.More} {
		for _, amount := range amounts {
			bars = append(bars, amount.Bar)
		}
	}
	return bars
}

// QuotaBar is one amount of a quota: what is in use, what is approved, what is
// asked for, and the most that there could be, on one scale. Each is drawn in a
// way of its own and said in words.
type QuotaBar struct {
	ID    string // of its element
	Label string // "CPU"
	Marks []Mark
}

// Mark is one amount on a bar.
type Mark struct {
	Sign  MarkSign
	Words string  // "in use"
	Text  string  // "3200m"
	Value float64 // in any unit, the same for all marks of a bar
}

// MarkSign is how an amount is drawn.
type MarkSign string

// The signs: a thick line, a filled box, a dashed box, and the end of the scale.
const (
	MarkUsed     MarkSign = "used"
	MarkApproved MarkSign = "approved"
	MarkAsked    MarkSign = "asked"
	MarkMost     MarkSign = "most"
)

// drawn says whether there is anything to draw.
func (b QuotaBar) drawn() bool { return len(b.Marks) > 0 && b.scale() > 0 }

// scale is the largest of the amounts.
func (b QuotaBar) scale() float64 {
	most := 0.0
	for _, mark := range b.Marks {
		most = max(most, mark.Value)
	}
	return most
}

// width is how wide an amount is drawn, in hundredths of the bar.
func (b QuotaBar) width(mark Mark) string {
	const least = 0.8 // of which something is still seen
	if mark.Value <= 0 {
		return "0"
	}
	return number(max(mark.Value/b.scale()*100, least))
}

// mark finds the amount with a sign.
func (b QuotaBar) mark(sign MarkSign) (Mark, bool) {
	for _, mark := range b.Marks {
		if mark.Sign == sign {
			return mark, true
		}
	}
	return Mark{}, false
}

// of finds the width of the amount with a sign; nothing where there is none.
func (b QuotaBar) of(sign MarkSign) string {
	mark, found := b.mark(sign)
	if !found {
		return ""
	}
	return b.width(mark)
}
