// Package handlers is the portal's HTTP: one file for each thing a person
// does. A handler parses, calls one verb of the service, and presents the
// outcome as a view of package web; it decides nothing.
//
// Everything that is refused or fails comes back as an error, and one renderer
// (errors.go) makes the page of it.
package handlers
