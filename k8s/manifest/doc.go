// Package manifest turns what was approved into files, and files into what was
// approved. It is pure: no clock, no disk, no network, and the same input gives
// the same bytes on every machine.
//
//	policy.yaml, approved/<tenant>.yaml ──Decode──► Policy, Tenancy
//	Policy + Tenancy ──Objects──► Kubernetes objects ──Render──► clusters/…/*.yaml
//	Policy + Tenancy ──Render──► argocd/<tenant>.yaml: what syncs them
//
// Decoding refuses a document whole when anything in it is unknown, and says
// for everything that is wrong on which line it stands. Admission compares live
// objects with Objects, the very ones that the files were written from.
package manifest
