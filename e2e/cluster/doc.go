// Package cluster runs a Kubernetes control plane on this machine without a
// container engine: etcd, kube-apiserver, kube-controller-manager and, if asked
// for, Argo CD with its Redis. There is no kubelet, so Pods stay Pending;
// admission, RBAC, quotas, controllers and Argo CD's syncs are the real ones.
//
// [Build] makes the binaries from their Go modules, once. [Start] starts a
// control plane on free loopback ports, with one kubeconfig file for each
// [Identity], and [Cluster.Stop] ends it. Each part can be stopped, killed and
// started again on its port meanwhile. [Cluster.Install] installs Tenure from
// deploy/ into it.
//
// Whatever was started is recorded in .cache/cluster/running under the
// repository's root. When its owner is gone without having ended it, the next
// Start does, after checking that the process is still the recorded one. It
// runs on Linux only, since it reads /proc for that.
package cluster
