import { parse } from 'yaml';
import { commitsOf, git } from './git.ts';
import { becomes, stateOf, steps } from './line.ts';
import { application, expect, isActive, isSynced, remove, test } from './plane.ts';
import { pod } from './workloads.ts';

test('what was approved stands in the cluster, synced and healthy, and the request is active with Argo CD’s revision', async ({ as, granted, world }) => {
  const path = await granted({ name: 'payments-line-dev' });
  const dana = await as('Dana Developer');
  await isActive(dana, path);
  await isSynced(world, 'payments');

  const [commit, ...more] = await commitsOf(world.server.repository, path.split('/').pop()!);
  expect(more).toEqual([]);
  expect((await application(world, 'payments')).status.sync!.revision).toBe(commit);
  await expect(steps(dana)).toContainText(commit!.slice(0, 7));

  await test.step('every rendered object is there, and says what was rendered', async () => {
    const folder = 'clusters/weu-1/payments/payments-line-dev/';
    const files = (await git(world.server.repository, 'ls-tree', '-r', '--name-only', commit!, folder)).split('\n');
    expect(files.length).toBeGreaterThan(6);
    for (const file of files) {
      const text = await git(world.server.repository, 'show', `${commit}:${file}`);
      const { kind, metadata, spec } = parse(text);
      const live = await world.plane.read(kind, metadata.name, metadata.namespace);
      expect(live, file).toMatchObject({ kind, metadata: { labels: metadata.labels } });
      if (spec !== undefined) expect(live!.spec, file).toMatchObject(spec);
      const unchanged = await world.plane.done('admin', ['diff', '--server-side', '--force-conflicts', '-f', '-'], text);
      expect(unchanged, `${file}: kubectl diff finds nothing`).toBe('');
    }
  });

  await test.step('Dana can work there', async () => {
    expect(await world.plane.done('dana', ['auth', 'can-i', 'create', 'deployments', '-n', 'payments-line-dev'])).toBe('yes');
    expect((await world.plane.kubectl('max', ['auth', 'can-i', 'get', 'pods', '-n', 'payments-line-dev'])).output).toContain('no');
  });
});

test('a sync that does not go through shows on the request with Argo CD’s message, and heals without anybody’s help', async ({ as, granted, world }) => {
  await world.plane.done('admin', ['delete', 'clusterrolebinding', 'tenure:gitops']);
  const dana = await as('Dana Developer');
  let path = '';
  try {
    path = await granted({ name: 'payments-fails-dev' });
    await becomes(dana, path, 'Failed');
    await expect(dana.getByRole('main')).toContainText('system:serviceaccount:argocd:gitops');
    await expect(dana.getByRole('main')).toContainText('forbidden');
  } finally {
    await world.install();
  }
  await isActive(dana, path);
});

test('a removal takes the namespace away, and nothing in it runs unpoliced meanwhile', async ({ as, granted, world }) => {
  const grant = await granted({ name: 'payments-gone-dev' });
  const dana = await as('Dana Developer');
  await isActive(dana, grant);
  const inside = ['-n', 'payments-gone-dev'];
  await world.plane.done('dana', ['apply', ...inside, '-f', '-'], pod('lasting', { finalizer: 'example.com/lasting' }));

  const removal = await remove(as, 'payments-gone-dev');
  await expect
    .poll(() => world.plane.writes('system:serviceaccount:kube-system:namespace-controller', 'deletecollection', 'pods', 'payments-gone-dev'), {
      message: 'the namespace controller comes back to the pod',
      timeout: 60_000,
    })
    .toBeGreaterThan(1);

  await test.step('what only opens or gives goes first, the namespace last', async () => {
    const pruned = await world.plane.pruned('payments-gone-dev');
    expect(pruned[0]).toBe('networkpolicies');
    expect(new Set(pruned.slice(1, -1)), 'what gives access, in any order').toEqual(new Set(['rolebindings', 'serviceaccounts']));
    expect(pruned.at(-1)).toBe('namespaces');
  });

  await test.step('while its pod lives, what polices it stands', async () => {
    expect((await world.plane.read('pod', 'lasting', 'payments-gone-dev'))!.metadata.deletionTimestamp).toBeDefined();
    for (const [kind, name] of [['networkpolicy', 'tenure-default-deny'], ['resourcequota', 'tenure'], ['limitrange', 'tenure']] as const) {
      const live = await world.plane.read(kind, name, 'payments-gone-dev');
      expect(live?.metadata.deletionTimestamp, `${kind} ${name} stands`).toBeUndefined();
      expect(live, `${kind} ${name} stands`).toBeDefined();
    }
    expect(await world.plane.list('rolebindings', 'payments-gone-dev'), 'nobody has access any more').toEqual([]);
    await dana.goto(removal);
    await expect(stateOf(dana)).toHaveText('Committed');
  });

  await world.plane.done('admin', ['patch', 'pod', 'lasting', ...inside, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  await isActive(dana, removal);
  expect(await world.plane.read('namespace', 'payments-gone-dev')).toBeUndefined();
  await becomes(dana, grant, 'Ended');
  await isSynced(world, 'payments');
});
