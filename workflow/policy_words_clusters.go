package workflow

import (
	"slices"
)

// clusters tells of clusters that come and go, and of how far they enforce.
func (d *policyDifference) clusters() {
	for _, name := range differing(d.before.Clusters, d.after.Clusters) {
		was, had := d.before.Clusters[name]
		is, has := d.after.Clusters[name]
		switch {
		case !had:
			d.say("Adds the cluster %s: %s, network engine %s, mode %s.", name, is.Server, is.NetworkEngine, is.Mode)
			if is.Mode != ModeEnforce {
				d.find(SeverityWarning, "does not enforce", "The new cluster %s is in mode %s: nothing is refused there.", name, is.Mode)
			}
		case !has:
			d.say("Drops the cluster %s. Nobody has anything there.", name)
		default:
			d.cluster(name, was, is)
		}
	}
}

func (d *policyDifference) cluster(name string, was, is Cluster) {
	steps := []ClusterMode{ModeObserve, ModeWarn, ModeEnforce}
	means := map[ClusterMode]string{
		ModeObserve: "nothing is refused there, only recorded", ModeWarn: "nothing is refused there, only warned about",
		ModeEnforce: "what breaks a rule there is refused",
	}
	switch change := slices.Index(steps, is.Mode) - slices.Index(steps, was.Mode); {
	case change < 0 && was.Mode == ModeEnforce:
		d.warn(SeverityDanger, "stops enforcing", "The cluster %s goes from mode %s to %s: %s from then on.", name, was.Mode, is.Mode, means[is.Mode])
	case change != 0:
		d.warn(SeverityWarning, "another mode", "The cluster %s goes from mode %s to %s: %s from then on.", name, was.Mode, is.Mode, means[is.Mode])
	}
	if was.Server != is.Server {
		d.warn(SeverityDanger, "another server", "The cluster %s is another API server from then on, %s instead of %s: Argo CD brings there what was approved for it.", name, is.Server, was.Server)
	}
	if was.NetworkEngine != is.NetworkEngine {
		d.warn(SeverityWarning, "another network engine", "The cluster %s enforces its NetworkPolicies by %s instead of %s.", name, is.NetworkEngine, was.NetworkEngine)
	}
}

// environments tells of classes of namespaces that come and go, and of the level
// that may be asked for in them.
func (d *policyDifference) environments() {
	for _, name := range differing(d.before.Environments, d.after.Environments) {
		was, had := d.before.Environments[name]
		is, has := d.after.Environments[name]
		switch {
		case !had:
			d.say("Adds the environment %s, at pod security level %s or above.", name, is.PodSecurity)
		case !has:
			d.say("Drops the environment %s, which no namespace is of.", name)
		case was.PodSecurity == is.PodSecurity: // its rules are told with all others
		case is.PodSecurity.AtLeast(was.PodSecurity):
			d.say("Namespaces of %s can be asked for at pod security level %s only, instead of %s or above. Those that there are keep theirs.", name, is.PodSecurity, was.PodSecurity)
		default:
			d.warn(gravely(isProduction(name)), "lowers a level", "Namespaces of %s can be asked for at pod security level %s, instead of %s only.", name, is.PodSecurity, was.PodSecurity)
		}
	}
}

// gitopsIdentity tells who may write governed objects.
func (d *policyDifference) gitopsIdentity() {
	if was, is := d.before.GitOpsIdentity, d.after.GitOpsIdentity; was != is {
		d.warn(SeverityDanger, "another GitOps identity", "Governed objects are written by %q from then on, and by %q no longer.", is, was)
	}
}

// argocd tells which Argo CD brings what from where.
func (d *policyDifference) argocd() {
	was, is := d.before.ArgoCD, d.after.ArgoCD
	switch {
	case encode(was) == encode(is):
	case is == nil:
		d.warn(SeverityDanger, "no Argo CD", "Renders nothing for Argo CD any more: every tenant's project and Applications go, and with them what they brought to the clusters.")
	case was == nil:
		d.warn(SeverityWarning, "another Argo CD", "Has Argo CD bring what was approved to the clusters, from %s.", is.Repository)
	default:
		old, now := was.WithDefaults(), is.WithDefaults()
		if old == now {
			d.say("Writes out where Argo CD is. It is where it was.")
			return
		}
		d.warn(SeverityDanger, "another Argo CD", "Argo CD in namespace %s follows %s of %s from then on, instead of %s of %s in namespace %s.",
			now.Namespace, now.Revision, now.Repository, old.Revision, old.Repository, old.Namespace)
	}
}

// portal tells where denials send people.
func (d *policyDifference) portal() {
	if was, is := d.before.Portal, d.after.Portal; was != is {
		d.warn(SeverityWarning, "another portal", "Denials send people to %s instead of %s.", is, was)
	}
}
