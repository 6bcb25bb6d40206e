package web

// ContentsPart is the place where a page shows what lives in a namespace. The
// cluster is asked for it, which may take a while, so that it comes by itself.
type ContentsPart struct {
	Title string
	Href  string // where it comes from, as a page too
}

// ContentsPage is what lives in a namespace, as a page of its own.
type ContentsPage struct {
	Frame
	Heading  string
	Back     Link
	Contents ContentsView
}

// ContentsView is what lives in a namespace.
type ContentsView struct {
	Sentence string // what there is, in words; where nobody knows, why
	Tone     Tone
	Icon     Icon
	Command  string // shows it, where Tenure cannot; may be empty
	Kinds    []KindRow
	Unlisted []string // what could not be looked at, in sentences
	Heard    Moment   // when the cluster said so; zero where it did not
}

// KindRow is how many objects of a kind there are.
type KindRow struct {
	Kind  string
	Count string
	Names string // some of them, or all
	Data  bool   // they hold data
}
