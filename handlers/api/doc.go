// Package api is the JSON API of Tenure under /api/v1: what the pages do, for
// pipelines and scripts. One table, operations, holds the routes; the OpenAPI
// document is made from it and from the very types that the handlers read and
// write, so that neither can say something else than the other.
//
//	request ──► who asks (handlers/auth) ──► body or query ──► workflow ──► JSON
//	                     └────────────┴───────────┴────► application/problem+json
package api
