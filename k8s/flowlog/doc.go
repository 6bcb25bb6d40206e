// Package flowlog turns what was seen on the network into proposals for network
// exceptions.
//
// Read understands three kinds of file and needs no setting to tell them apart:
//
//   - Hubble's JSON, as `hubble observe -o json` prints it: one flow a line,
//     bare or inside a "flow" field.
//   - Calico's flow logs, one JSON object a line with the keys of its flow log
//     data types (source_namespace, dest_port, action, …).
//   - Azure's virtual network flow logs (version 4) and network security group
//     flow logs (version 2), JSON documents with "records". They carry addresses
//     only, so that they help where the pods' addresses are those of the virtual
//     network, and the pods are given beside them (see Pods).
//
// Suggest gives the least set of exceptions that covers what the present
// policies do not let through. What comes out is a request like any other: a
// person looks at it, changes it and submits it.
//
// The package reads and counts. It decides nothing about what is allowed: the
// caller's Present answers that, by the evaluator that admission uses.
package flowlog
