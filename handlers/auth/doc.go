// Package auth says who a request comes from.
//
// Sign-in is OpenID Connect, authorization code flow with PKCE, against
// Microsoft Entra ID; development uses the provider of package devprovider
// through the same code, and only the issuer differs:
//
//	GET /auth/login ──► provider ──► GET /auth/callback ──► session ──► page
//	 state, nonce and           ID token: signature, issuer,
//	 verifier in a cookie       audience, time, nonce, tenant
//	 of ten minutes             └► claims ──► workflow.Actor
//
// A session holds the actor as the token described it; the cookie holds only
// the session's random name. Whatever cannot be checked is refused.
package auth
