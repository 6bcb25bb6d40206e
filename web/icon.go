package web

// Icon names one of the drawings in icons. They are decoration: what they say
// is always also said in words.
type Icon string

// The icons.
const (
	IconCheck   Icon = "check"
	IconCross   Icon = "cross"
	IconClock   Icon = "clock"
	IconDot     Icon = "dot"
	IconWarning Icon = "warning"
	IconInfo    Icon = "info"
	IconCommit  Icon = "commit"
	IconPencil  Icon = "pencil"
	IconPlus    Icon = "plus"
	IconMinus   Icon = "minus"
	IconShield  Icon = "shield"
	IconInbox   Icon = "inbox"
	IconFile    Icon = "file"
	IconArrow   Icon = "arrow"
	IconTheme   Icon = "theme"
	IconBack    Icon = "back"
	IconBox     Icon = "box"
	IconOut     Icon = "out"
	IconIn      Icon = "in"
	IconGlobe   Icon = "globe"
	IconRange   Icon = "range"
	IconName    Icon = "name"
	IconFlow    Icon = "flow"
	IconPerson  Icon = "person"
	IconPeople  Icon = "people"
	IconGauge   Icon = "gauge"
)

// icons has one path for each drawing, in a box of 24 by 24, drawn as a line.
var icons = map[Icon]string{
	IconCheck:   "M5 12.5l4.5 4.5L19 7.5",
	IconCross:   "M6.5 6.5l11 11M17.5 6.5l-11 11",
	IconClock:   "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
	IconDot:     "M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
	IconWarning: "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.1",
	IconInfo:    "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17M12 8v.1M12 11.5v5",
	IconCommit:  "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M2.5 12H8M16 12h5.5",
	IconPencil:  "M4 20l1-4.5L16 4.5l3.5 3.5L8.500 19zM13.500 7l3.500 3.500",
	IconPlus:    "M12 5v14M5 12h14",
	IconMinus:   "M5 12h14",
	IconShield:  "M12 3l8 3v6c0 4.500-3.300 7.800-8 9c-4.700-1.200-8-4.500-8-9V6zM8.500 12l2.500 2.500l4.500-4.500",
	IconInbox:   "M4 13.500L6.500 5h11L20 13.500V19H4zM4 13.500h4.500l1.500 2.500h4l1.500-2.500H20",
	IconFile:    "M6 3.500h8l4.500 4.500v12.500H6zM14 3.500V8h4.500",
	IconArrow:   "M5 12h14M13.500 6.500L19 12l-5.500 5.500",
	IconTheme:   "M12 3.500a8.500 8.500 0 1 0 0 17zM12 3.500a8.500 8.500 0 0 1 0 17M15 8.500h4M15 12h5.500M15 15.500h4",
	IconBack:    "M19 12H5M10.500 6.500L5 12l5.500 5.500",
	IconOut:     "M2.500 6.500h9v11h-9zM11.500 12h10M18 8.500l3.500 3.500l-3.500 3.500",
	IconIn:      "M12.500 6.500h9v11h-9zM2.500 12h10M9 8.500l3.500 3.500L9 15.500",
	IconGlobe:   "M12 3.500a8.500 8.500 0 1 0 0 17a8.500 8.500 0 0 0 0-17M3.500 12h17M12 3.500c-5 5-5 12 0 17M12 3.500c5 5 5 12 0 17",
	IconRange:   "M4 7v10M20 7v10M4 12h16M8 12v-2M12 12v-3M16 12v-2",
	IconName:    "M4 18L9 6h1l5 12M6 14h7M17 18v.1M20 18v.1",
	IconFlow:    "M3.500 5.500h6v6h-6zM14.500 12.500h6v6h-6zM9.500 8.500h8v4M6.500 11.500v4h8",
	IconPerson:  "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4.500 20.500c0-4 3.300-6 7.500-6s7.500 2 7.500 6",
	IconPeople:  "M8.500 5a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7M2 20c0-3.500 2.700-5.500 6.500-5.500s6.500 2 6.500 5.500M15 5.300a3.500 3.500 0 0 1 0 6.400M17.500 14.900c2.700.500 4.500 2.400 4.500 5.100",
	IconGauge:   "M4 17.500a8.500 8.500 0 1 1 16 0M12 14l4.500-5.500M12 13a1 1 0 1 0 0 2a1 1 0 0 0 0-2",
	IconBox:     "M12 3l8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500l8-4.500M12 12v9",
}

// path is the drawing; a dot where the name is unknown.
func (i Icon) path() string {
	if d, found := icons[i]; found {
		return d
	}
	return icons[IconDot]
}
