package devprovider

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// page is what the page to pick a person shows.
type page struct {
	Title       string
	Stylesheets []string
	Request     string // the sign-in's id; empty when it is over
	People      []Person
}

// pagePolicy allows nothing but the portal's own styles, and forms to the portal.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// choose shows the people to pick from.
func (p *Provider) choose(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("request")
	if _, err := p.storage.AuthRequestByID(r.Context(), id); err != nil {
		p.show(w, http.StatusGone, page{Title: "This sign-in is over"})
		return
	}
	p.show(w, http.StatusOK, page{Title: "Choose who to sign in as", Request: id, People: p.config.People})
}

// chosen takes who was picked, or that nobody was, and sends the person back.
func (p *Provider) chosen(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("request")
	begun, err := p.storage.AuthRequestByID(r.Context(), id)
	if err != nil {
		p.show(w, http.StatusGone, page{Title: "This sign-in is over"})
		return
	}
	if r.PostFormValue("cancel") != "" {
		if err := p.storage.DeleteAuthRequest(r.Context(), id); err != nil {
			http.Error(w, "The sign-in could not be cancelled.", http.StatusInternalServerError)
			return
		}
		op.AuthRequestError(w, r, begun, oidc.ErrAccessDenied(), p.op)
		return
	}
	person, found := p.storage.person(r.PostFormValue("person"))
	if !found {
		p.show(w, http.StatusUnprocessableEntity, page{Title: "Choose one of these people", Request: id, People: p.config.People})
		return
	}
	if err := p.storage.pick(id, person); err != nil {
		p.show(w, http.StatusGone, page{Title: "This sign-in is over"})
		return
	}
	http.Redirect(w, r, op.AuthCallbackURL(p.op)(op.ContextWithIssuer(r.Context(), p.config.Issuer), id), http.StatusSeeOther)
}

func (p *Provider) show(w http.ResponseWriter, status int, view page) {
	view.Stylesheets = p.config.Stylesheets
	var body bytes.Buffer
	if err := pageTemplate.Execute(&body, view); err != nil {
		p.config.Log.Error("render the page to pick a person", "error", err)
		http.Error(w, "The page could not be shown.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", pagePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A browser that went away is nobody's problem.
	_, _ = body.WriteTo(w)
}
