// Package workflow is the domain of Tenure: what a team may ask for, who must
// agree, what exactly would change, and what has been decided.
//
// The way of the data through it:
//
//	Change ──Apply──► Tenancy (after) ──Renderer──► files ──► Plan (with one digest)
//	Plan ──Submit──► Request ──Review…──► approved ──Publisher──► signed commit
//
// The package decides and asks nobody: the database, the Git repository, the
// renderer, the admission rules and the clock are small interfaces in ports.go
// that cmd/tenure fills in.
package workflow
