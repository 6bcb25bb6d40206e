import { expect, isActive, isSynced, test, type World } from './plane.ts';
import { deployment, openNetworkPolicy, pod, roleBinding, service } from './workloads.ts';

const name = 'payments-rules-dev';
const inside = ['-n', name];
const glass = ['--as=tenure:break-glass', '--as-group=tenure:break-glass'];
const wider = JSON.stringify({ spec: { hard: { pods: '1000' } } });

/** stand gives the tests of this file one namespace, from the first that asks for it on. */
const stand = async (world: World, ready: () => Promise<void>) => {
  if ((await world.plane.read('namespace', name)) === undefined) await ready();
};

test.beforeEach(async ({ as, granted, world }) => {
  await stand(world, async () => isActive(await as('Dana Developer'), await granted({ name })));
});

test('a member’s conforming Deployment runs; the system’s controllers go on working', async ({ world }) => {
  await world.plane.done('dana', ['apply', ...inside, '-f', '-'], `${deployment('web')}---\n${service('web')}`);
  await expect.poll(async () => (await world.plane.list('pods', name)).length, { message: 'the Deployment makes a Pod' }).toBe(1);
  await expect
    .poll(async () => (await world.plane.read('resourcequota', 'tenure', name))!.status!.used, { message: 'quota usage counts' })
    .toMatchObject({ pods: '1' });
  await expect.poll(async () => (await world.plane.list('endpointslices', name)).length, { message: 'the Service has endpoints' }).toBe(1);
  expect(await world.plane.read('serviceaccount', 'default', name)).toBeDefined();
  expect(await world.plane.read('configmap', 'kube-root-ca.crt', name)).toBeDefined();
  await test.step('and rolls out again, scales, and goes', async () => {
    await world.plane.done('dana', ['set', 'image', 'deployment/web', 'web=contoso.azurecr.io/web:1.1', ...inside]);
    await expect.poll(async () => (await world.plane.list('replicasets', name)).length).toBe(2);
    await world.plane.done('dana', ['scale', 'deployment/web', '--replicas=2', ...inside]);
    await world.plane.done('dana', ['delete', 'deployment/web', 'service/web', ...inside]);
    await expect.poll(async () => (await world.plane.list('pods', name)).length).toBe(0);
  });
});

test('a member’s workloads are refused with the rule, the field, the value and where to ask', async ({ world }) => {
  const privileged = await world.plane.refused('dana', ['apply', ...inside, '-f', '-'], deployment('web', { privileged: true }));
  expect(privileged).toContain('admission webhook "workloads.tenure.dev" denied the request');
  expect(privileged).toContain('pod-security: spec.template.spec "privileged": container "web" must not set securityContext.privileged=true');
  const foreign = await world.plane.refused('dana', ['apply', ...inside, '-f', '-'], deployment('web', { image: 'docker.io/library/nginx:1' }));
  expect(foreign).toMatch(/trusted-registry: spec\.template\.spec\.containers\[0\]\.image "docker\.io\/library\/nginx:1": registry docker\.io is not trusted \(contoso\.azurecr\.io\/\*, mcr\.microsoft\.com\/\*\)\. .*http:\/\/127\.0\.0\.1/);
  const bare = await world.plane.refused('dana', ['apply', ...inside, '-f', '-'], pod('web', { image: 'docker.io/library/nginx:1' }));
  expect(bare).toContain('trusted-registry: spec.containers[0].image');
});

test('neither a member nor the cluster’s admin widens what is governed', async ({ world }) => {
  const attempts: [string, string[], string, string][] = [
    ['a wider ResourceQuota', ['patch', 'resourcequota', 'tenure', ...inside, '--type=merge', '-p', wider], '', 'governed: metadata.name "tenure": only system:serviceaccount:argocd:gitops writes the ResourceQuota'],
    ['no default-deny', ['delete', 'networkpolicy', 'tenure-default-deny', ...inside], '', 'governed: metadata.name "tenure-default-deny"'],
    ['a NetworkPolicy that opens', ['apply', ...inside, '-f', '-'], openNetworkPolicy('open'), 'network-opening: spec.ingress[0].from "'],
    ['a relabelled namespace', ['label', 'namespace', name, '--overwrite', 'pod-security.kubernetes.io/enforce=privileged'], '', 'pod-security.kubernetes.io/enforce'],
    // Two policies refuse it, and kubectl shows one of them.
    ['cluster-admin', ['apply', ...inside, '-f', '-'], roleBinding('all', 'cluster-admin', 'dana@contoso.example'), "ValidatingAdmissionPolicy 'tenure-"],
    ['cluster-admin with the glass broken', ['apply', ...inside, ...glass, '--as-group=system:masters', '-f', '-'], roleBinding('all', 'cluster-admin', 'dana@contoso.example'), 'rbac-cluster-admin: roleRef.name "cluster-admin"'],
    ['a binding', ['apply', ...inside, '-f', '-'], roleBinding('more', 'tenure:admin', 'max@contoso.example'), 'governed: metadata.name "more"'],
    ['a second namespace', ['create', 'namespace', 'payments-unasked'], '', 'namespace: metadata.name "payments-unasked": nobody approved this namespace on cluster weu-1.'],
    ['no namespace', ['delete', 'namespace', name], '', `namespace: metadata.name "${name}"`],
  ];
  for (const [what, args, input, why] of attempts) {
    await world.plane.refused('dana', args, input);
    expect.soft(await world.plane.refused('admin', args, input), what).toContain(why);
  }
  expect((await world.plane.read('resourcequota', 'tenure', name))!.spec!.hard).toMatchObject({ pods: '20' });
});

test('breaking the glass lets the admin through, with a warning; Argo CD then restores what was approved', async ({ world }) => {
  const { uid } = (await world.plane.read('networkpolicy', 'tenure-default-deny', name))!.metadata;
  const deleted = await world.plane.done('admin', ['delete', 'networkpolicy', 'tenure-default-deny', ...inside, ...glass]);
  expect(deleted).toContain('Warning: ');
  expect(deleted).toContain('break-glass');
  await world.plane.done('admin', ['patch', 'resourcequota', 'tenure', ...inside, '--type=merge', '-p', wider, ...glass]);
  await expect
    .poll(async () => (await world.plane.read('networkpolicy', 'tenure-default-deny', name))?.metadata.uid ?? uid, { message: 'default-deny is made again', timeout: 60_000 })
    .not.toBe(uid);
  await expect
    .poll(async () => (await world.plane.read('resourcequota', 'tenure', name))!.spec!.hard, { message: 'the quota is as approved', timeout: 60_000 })
    .toMatchObject({ pods: '20' });
  await isSynced(world, 'payments');
});

test('the platform’s own namespaces, and namespaces of nobody that exist, are none of Tenure’s business', async ({ world }) => {
  for (const namespace of ['monitoring', 'default']) {
    await world.plane.done('admin', ['create', 'quota', 'theirs', '--hard=pods=5', '-n', namespace]);
    await world.plane.done('admin', ['apply', '-n', namespace, '-f', '-'], pod('agent', { image: 'docker.io/library/nginx:1', privileged: true }));
    await world.plane.done('admin', ['delete', 'pod/agent', 'quota/theirs', '-n', namespace]);
  }
});

test('Tenure installs again over itself, also while its webhook is dead', async ({ world }) => {
  await world.enforcer.stop('SIGKILL');
  try {
    await world.install();
    await world.plane.done('admin', ['rollout', 'restart', 'deployment/tenure-webhook', '-n', 'tenure-system']);
  } finally {
    await world.enforcer.start();
  }
});
