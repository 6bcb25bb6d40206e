// Package web is what the portal looks like: templ pages, each made from one
// view struct, and the styles and scripts that the browser gets.
//
// A view holds what is to be read, in words; it knows nothing of the domain.
// The handlers fill it in. Every text that a person or a file brought in goes
// through Text or Visible, which make invisible and direction-changing
// characters visible.
package web
