// Package gitops is the GitOps repository: it reads and verifies the approved
// state, and writes what was approved as signed commits.
//
// # What a repository must be
//
// One branch, one line of history without merges. Every commit is signed with
// OpenPGP by a key that is trusted at that place in history, says in its
// trailers which act it is (a closed list), and proves that act:
//
//   - init: the first commit, and only that. It holds policy.yaml, the signing
//     keys as keys/<FINGERPRINT>.asc, and the tenancies there are before
//     anybody could vote, each with exactly the files that the renderer makes
//     of it: its document, its manifests, its objects for Argo CD.
//   - grant: workflow.ProveGrant has no objection, no earlier commit fulfilled
//     the same request, the commit changes files of one tenancy only (of two, where
//     a network exception has an end in each), and these are then exactly what the
//     renderer makes of them.
//   - end: as a grant, with workflow.ProveEnd: tenancies only lose entries. The
//     end of an exception whose time came rests on no request and on no vote: it
//     names the request in Tenure-Ends, and its moment, Tenure-Planned-At, is not
//     before that time and not after the commit's own.
//   - policy: replaces policy.yaml and changes no tenancy. workflow.ProvePolicy has
//     no objection, by the policy before; nothing approved is orphaned, and the
//     files of every tenancy are exactly what the renderer makes of it under the
//     new policy.
//   - restore: follows foreign commits (see below) and undoes them.
//   - rotate-key: changes files in keys/ only, and leaves a trusted key.
//
// A key is trusted at a place in history if its fingerprint is pinned in the
// configuration and its material stands in keys/ at the verified commit before
// (for the first commit: in that commit). So a repository alone makes nobody
// trusted, and a new key is signed in by an old one. A commit is judged by its
// raw bytes: one that holds headers we do not know, or that does not encode
// again to the same bytes, is refused, because what is signed and what is read
// could differ.
//
// # Foreign commits
//
// A commit that does not prove is foreign, and so is everything on top of it:
// unsigned, signed by a stranger, a merge, or signed by us with a proof that
// does not hold. While foreign commits stand at the head, the last verified
// state goes on serving and Health says which commit, path or line is wrong.
//
// Nothing is ever signed on top of a foreign commit unseen. Commit first writes
// a restore: the guarded paths (policy.yaml, approved, clusters, argocd, keys,
// and .gitattributes and .gitmodules, which change what a checkout of the
// others holds) are exactly those of the last verified commit, which the
// trailer Tenure-Restores names; everything else stays as the foreign commits
// left it; the body lists each foreign commit with its paths. What was approved
// goes on top, and both are pushed at once. A history with a restored run of
// foreign commits verifies again from there; Verify still reports them, since
// an auditor wants to know.
//
// A branch that no longer contains the last verified commit was rewritten.
// Nothing is read from it and nothing is written to it until a person has
// looked. The last verified commit is remembered on disk
// (refs/tenure/verified), so that a restart does not forget it.
//
// # Writing
//
// Commits are built in the object store, from the last verified tree, without
// a checkout; only the trees above a changed file are written again. Before a
// commit is pushed it is verified by the same code that reads it: what would
// not verify is never pushed. The push names the head it expects, so that it
// can only ever move the branch forward.
package gitops
