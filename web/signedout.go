package web

// SignedOutView is what a person sees after signing out.
type SignedOutView struct {
	Frame
	Heading    string
	Lead       string
	SignInHref string
}
