import { stringify } from 'yaml';

/** deployment is one that keeps to every rule of the development policy, but for what the test changes in its pods. */
export function deployment(name: string, changes: { image?: string; privileged?: boolean } = {}): string {
  const labels = { 'app.kubernetes.io/name': name };
  return stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec(changes) } },
  });
}

/** pod is one that keeps to every rule, but for what the test changes; a finalizer keeps it from going. */
export function pod(name: string, changes: { image?: string; privileged?: boolean; finalizer?: string } = {}): string {
  const finalizers = changes.finalizer === undefined ? [] : [changes.finalizer];
  return stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, finalizers }, spec: podSpec(changes) });
}

function podSpec({ image = 'contoso.azurecr.io/web:1.0', privileged = false }) {
  const securityContext = privileged
    ? { privileged }
    : { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  return { automountServiceAccountToken: false, containers: [{ name: 'web', image, securityContext }] };
}

/** service sends what comes in to a deployment's pods. */
export function service(name: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { 'app.kubernetes.io/name': name }, ports: [{ port: 80, targetPort: 8080 }] },
  });
}

/** roleBinding gives somebody a ClusterRole. */
export function roleBinding(name: string, clusterRole: string, user: string): string {
  return stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterRole },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  });
}

/** openNetworkPolicy lets everything in and out of every pod. */
export function openNetworkPolicy(name: string): string {
  return networkPolicy(name, { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] });
}

/** insideNetworkPolicy lets the pods of its namespace talk to each other. */
export function insideNetworkPolicy(name: string): string {
  const peers = [{ podSelector: {} }];
  return networkPolicy(name, { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{ from: peers }], egress: [{ to: peers }] });
}

/** reachingNetworkPolicy lets the pods of an app call a range of addresses. */
export function reachingNetworkPolicy(name: string, app: string, cidr: string, port: number): string {
  const egress = [{ to: [{ ipBlock: { cidr } }], ports: [{ protocol: 'TCP', port }] }];
  return networkPolicy(name, { podSelector: { matchLabels: { app } }, policyTypes: ['Egress'], egress });
}

function networkPolicy(name: string, spec: object): string {
  return stringify({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec });
}
