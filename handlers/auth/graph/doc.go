// Package graph asks Microsoft Graph who is in an Entra group, and which groups
// there are. The portal asks in its own name (OAuth 2.0 client credentials, RFC
// 6749 section 4.4), with the application permissions GroupMember.Read.All and
// User.ReadBasic.All; it reads, and changes nothing.
//
//	Members, People, Groups ──► memory, a minute ──► get ──► pages ──► decode
//	                                                  │ 401: another token
//	                                                  │ 429, 503, 504: again, when Graph says
//
// Its answers are eventually consistent: who joined or left a group may be missing
// or listed for some minutes.
package graph
