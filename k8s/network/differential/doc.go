// Package differential holds tenure.dev/k8s/network against another reading of
// the same specification, the package matcher of github.com/mattfenwick/cyclonus.
//
// It is a module of its own, so that what cyclonus requires is required of
// nobody who builds Tenure.
package differential
