// Package deploy holds what is applied to a cluster: kustomize bases, components
// and overlays, the objects for Argo CD, and a policy to start from. README.md
// says how. There is no Go code in it but the tests, which hold these files
// together with the code that they speak of.
package deploy
