// Package devprovider is an OpenID provider for development: it signs anybody
// in as one of a few seeded people, without a password, with tokens shaped like
// those of Microsoft Entra ID. It works on loopback addresses only.
//
//	/authorize ──► /sign-in (pick a person) ──► /authorize/callback ──► the portal
//	/token                                                 (code, PKCE S256)
//	/access-token (name a person or a program) ──► an access token for the API
//
// The protocol is zitadel/oidc's op; this package is its storage, its one
// client (the portal), and the page. What it keeps is in memory and short-lived.
package devprovider
