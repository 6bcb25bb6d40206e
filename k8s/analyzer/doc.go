// Package analyzer says what a change opens and closes on the network, for the
// people who decide about it: a picture, sentences and findings. It is
// workflow.Analyzer.
//
//	approved state, before and after ──manifest.Objects──► NetworkPolicies
//	NetworkPolicies ──k8s/network──► what is let through, exactly
//	grants (why it is let through) + that ──► arrows ──► Connectivity, sentences, findings
//
// Every yes and no in it is k8s/network's, which admission asks too; the package
// only chooses what to ask, and finds the words. It renders the namespaces that
// a change can affect, and no others.
package analyzer
