package devprovider

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// request is one sign-in on its way: from /authorize until its code was used.
type request struct {
	id       string
	asked    oidc.AuthRequest
	begunAt  time.Time
	person   *Person // nil until one was picked
	subject  string
	pickedAt time.Time
	coded    bool // its code was given out, once
}

var _ op.AuthRequest = (*request)(nil)

// requestLifetime is how long one sign-in may take, from its beginning to the use of its code.
const requestLifetime = 10 * time.Minute

func (r *request) GetID() string                      { return r.id }
func (r *request) GetACR() string                     { return "" }
func (r *request) GetAMR() []string                   { return []string{"pwd"} }
func (r *request) GetAudience() []string              { return []string{clientID} }
func (r *request) GetAuthTime() time.Time             { return r.pickedAt }
func (r *request) GetClientID() string                { return clientID }
func (r *request) GetNonce() string                   { return r.asked.Nonce }
func (r *request) GetRedirectURI() string             { return r.asked.RedirectURI }
func (r *request) GetResponseType() oidc.ResponseType { return r.asked.ResponseType }
func (r *request) GetResponseMode() oidc.ResponseMode { return r.asked.ResponseMode }
func (r *request) GetScopes() []string                { return r.asked.Scopes }
func (r *request) GetState() string                   { return r.asked.State }
func (r *request) GetSubject() string                 { return r.subject }
func (r *request) Done() bool                         { return r.person != nil }

// GetCodeChallenge is what PKCE checks the verifier against. There always is one.
func (r *request) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: r.asked.CodeChallenge, Method: r.asked.CodeChallengeMethod}
}

// copied is the request as it is now; op reads it while others may change it.
func (r *request) copied() *request {
	snapshot := *r
	return &snapshot
}
