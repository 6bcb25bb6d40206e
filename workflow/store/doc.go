// Package store keeps requests, reviews, the audit trail and browser sessions
// in SQLite or PostgreSQL.
//
// Rows are private to the package and converted explicitly. Every write is one
// transaction; the audit events of a write are appended to the hash chain in
// the same one, behind a lock on the chain's head:
//
//	request row (compare and set) ─► reviews ─► audit head (lock) ─► events ─► audit head (move)
//
// All writers take the locks in this order, so that none waits for another in a circle.
package store
