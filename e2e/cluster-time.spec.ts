import { git } from './git.ts';
import { application, expect, isActive, isSynced, remove, test, type World } from './plane.ts';
import { openNetworkPolicy, pod } from './workloads.ts';

/** isRefused waits until Argo CD was refused by the webhook, and tries again by itself. */
async function isRefused(world: World, tenant: string, why: string) {
  await expect
    .poll(async () => {
      const { status } = await application(world, tenant);
      return `${status?.operationState?.message} ${JSON.stringify(status?.operationState?.syncResult)}`;
    }, { message: 'Argo CD is refused', timeout: 60_000 })
    .toContain(why);
}

/** enforces waits until the webhook has the newest commit. */
async function enforces(world: World) {
  const head = await git(world.server.repository, 'rev-parse', 'HEAD');
  await expect.poll(() => world.enforcer.output(), { message: 'the webhook has the newest commit', timeout: 30_000 }).toContain(`commit=${head}`);
}

/** applyAgain has Argo CD apply a revision, as somebody does who rolls back. */
async function applyAgain(world: World, tenant: string, revision: string) {
  const operation = { operation: { initiatedBy: { username: 'ada' }, sync: { revision, prune: true } } };
  await world.plane.done('admin', ['patch', 'application', `tenure-${tenant}-weu-1`, '-n', 'argocd', '--type=merge', '-p', JSON.stringify(operation)]);
}

const glass = ['--as=tenure:break-glass', '--as-group=tenure:break-glass'];

test('a webhook that learns of a grant late delays it and does not lose it', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  const path = await world.enforcer.late(async () => {
    const path = await granted({ name: 'payments-late-dev' });
    await isRefused(world, 'payments', 'nobody approved this namespace');
    return path;
  });
  await isActive(dana, path);
  await isSynced(world, 'payments');
});

test('a webhook that learns of a removal late delays it and does not lose it', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name: 'payments-brief-dev' }));
  const removal = await world.enforcer.late(async () => {
    const removal = await remove(as, 'payments-brief-dev');
    await isRefused(world, 'payments', 'it can be deleted after its removal was approved');
    return removal;
  });
  await isActive(dana, removal);
  expect(await world.plane.read('namespace', 'payments-brief-dev')).toBeUndefined();
  await isSynced(world, 'payments');
});

test('an Argo CD that is late applies what was granted and removed meanwhile; what lost its approval takes no new workload and opens nothing before', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name: 'payments-old-dev' }));
  await world.plane.tell('stop argocd');
  const removal = await remove(as, 'payments-old-dev');
  const grant = await granted({ name: 'payments-new-dev' });
  await enforces(world);
  const denial = await world.plane.refused('dana', ['apply', '-n', 'payments-old-dev', '-f', '-'], pod('late'));
  expect(denial).toContain('namespace: metadata.namespace "payments-old-dev"');
  const opened = await world.plane.refused('dana', ['apply', '-n', 'payments-old-dev', '-f', '-'], openNetworkPolicy('open'));
  expect(opened).toContain('namespace: metadata.namespace "payments-old-dev"');
  await world.plane.tell('start argocd');
  await isActive(dana, grant);
  await isActive(dana, removal);
  expect(await world.plane.read('namespace', 'payments-old-dev')).toBeUndefined();
  await isSynced(world, 'payments');
});

test('an older revision that is applied again neither takes away what was granted since nor brings back what was removed', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name: 'payments-first-dev' }));
  const before = await git(world.server.repository, 'rev-parse', 'HEAD');
  await isActive(dana, await remove(as, 'payments-first-dev'));
  await isActive(dana, await granted({ name: 'payments-second-dev' }));
  await isSynced(world, 'payments');
  const { uid } = (await world.plane.read('namespace', 'payments-second-dev'))!.metadata;

  const denials = () => world.enforcer.output().split('operation=CREATE object="Namespace payments-first-dev" user=system:serviceaccount:argocd:gitops').length;
  const so = denials();
  await applyAgain(world, 'payments', before);
  await expect.poll(denials, { message: 'Argo CD tries to bring back what was removed', timeout: 60_000 }).toBeGreaterThan(so);
  await isSynced(world, 'payments');
  const head = await git(world.server.repository, 'rev-parse', 'HEAD');
  await expect.poll(async () => (await application(world, 'payments')).status.operationState?.syncResult?.revision, { timeout: 60_000 }).toBe(head);
  expect((await world.plane.read('namespace', 'payments-second-dev'))!.metadata.uid).toBe(uid);
  expect(await world.plane.read('namespace', 'payments-first-dev')).toBeUndefined();
});

test('a foreign label and an extra quota key on governed objects stop no later change', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  const grant = await granted({ name: 'payments-foreign-dev' });
  await isActive(dana, grant);
  const inside = ['-n', 'payments-foreign-dev', ...glass];
  await world.plane.done('admin', ['label', 'namespace', 'payments-foreign-dev', 'example.com/cost-centre=7', ...glass]);
  await world.plane.done('admin', ['patch', 'resourcequota', 'tenure', ...inside, '--type=merge', '-p', '{"spec":{"hard":{"count/configmaps":"50"}}}']);
  await world.plane.done('admin', ['label', 'networkpolicy', 'tenure-default-deny', ...inside, 'example.com/seen=yes']);

  await isActive(dana, await granted({ name: 'payments-next-dev' }));
  await isSynced(world, 'payments');
  await isActive(dana, await remove(as, 'payments-foreign-dev'));
  await isSynced(world, 'payments');
});
