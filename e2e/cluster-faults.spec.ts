import { commitsOf } from './git.ts';
import { approve, ask, steps, wanted } from './line.ts';
import { expect, isActive, isSynced, test } from './plane.ts';
import { deployment } from './workloads.ts';

const patch = (hard: Record<string, string>) => JSON.stringify({ spec: { hard } });

test('while the webhook is dead, writes fail closed; when it is back everything goes on without help', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name: 'payments-closed-dev' }));
  const inside = ['-n', 'payments-closed-dev'];
  await world.enforcer.stop('SIGKILL');

  const quota = await world.plane.refused('admin', ['patch', 'resourcequota', 'tenure', ...inside, '--type=merge', '-p', patch({ pods: '1000' })]);
  expect(quota).toMatch(/governed|failed calling webhook "governed\.tenure\.dev"/);
  const workload = await world.plane.refused('dana', ['apply', ...inside, '-f', '-'], deployment('web'));
  expect(workload).toContain('failed calling webhook "workloads.tenure.dev"');
  const meanwhile = await granted({ name: 'payments-meanwhile-dev' });

  await world.enforcer.start();
  await world.plane.done('dana', ['apply', ...inside, '-f', '-'], deployment('web'));
  await isActive(dana, meanwhile);
  await isSynced(world, 'payments');
});

test('the backstop holds even when the webhook’s configuration is gone', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name: 'payments-backstop-dev' }));
  const inside = ['-n', 'payments-backstop-dev'];
  await world.plane.done('admin', ['delete', 'validatingwebhookconfiguration', 'tenure']);
  try {
    for (const [what, args] of [
      ['a wider quota', ['patch', 'resourcequota', 'tenure', ...inside, '--type=merge', '-p', patch({ pods: '1000' })]],
      ['no default-deny', ['delete', 'networkpolicy', 'tenure-default-deny', ...inside]],
      ['no policies at all', ['delete', 'networkpolicy', '--all', ...inside]],
      ['a binding', ['create', 'rolebinding', 'more', '--clusterrole=edit', '--user=dana@contoso.example', ...inside]],
      ['cluster-admin', ['create', 'rolebinding', 'all', '--clusterrole=cluster-admin', '--user=dana@contoso.example', ...inside]],
      ['another tenant', ['label', 'namespace', 'payments-backstop-dev', '--overwrite', 'tenure.dev/tenant=search']],
      ['no tenant', ['label', 'namespace', 'payments-backstop-dev', 'tenure.dev/tenant-']],
      ['an exempting label', ['label', 'namespace', 'payments-backstop-dev', 'admission.gatekeeper.sh/ignore=yes']],
      ['no namespace', ['delete', 'namespace', 'payments-backstop-dev']],
      ['a namespace that claims a tenant', ['label', 'namespace', 'default', 'tenure.dev/tenant=payments']],
    ] as const) {
      expect.soft(await world.plane.refused('admin', [...args]), what).toContain('ValidatingAdmissionPolicy \'tenure-');
    }
  } finally {
    await world.install();
  }
  await world.plane.refused('admin', ['create', 'namespace', 'payments-unasked']);
});

test('a portal that dies between push and sync commits once, and finds the request active', async ({ as, world }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana, wanted({ name: 'payments-crash-dev' }));
  await approve(await as('Olivia Owner'), path);
  const sam = await as('Sam Security');
  await world.plane.tell('stop argocd');
  await world.server.stop();
  await world.server.start({ TENURE_TEST_CRASH: 'after-push' });
  await sam.goto(path);
  const panel = sam.getByRole('region', { name: 'Your review' });
  await panel.getByRole('radio', { name: /^Approve/ }).check();
  await panel.getByRole('button', { name: 'Submit review' }).click({ noWaitAfter: true });
  expect(await world.server.gone()).toEqual({ code: 70, signal: null });

  await world.plane.tell('start argocd');
  await world.server.start();
  await isActive(dana, path);
  expect(await commitsOf(world.server.repository, path.split('/').pop()!)).toHaveLength(1);
});

test('while Argo CD is away a request says what it waits for, and is active once it is back', async ({ as, granted, world }) => {
  await world.plane.tell('stop argocd');
  const dana = await as('Dana Developer');
  const path = await granted({ name: 'payments-away-dev' });
  await expect(async () => {
    await dana.goto(path);
    await expect(steps(dana)).toContainText('Argo CD', { timeout: 100 });
  }).toPass({ timeout: 30_000 });
  await world.plane.tell('start argocd');
  await isActive(dana, path);
  expect(await commitsOf(world.server.repository, path.split('/').pop()!)).toHaveLength(1);
});

test('after a restart of the API server everything goes on', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await world.plane.tell('kill apiserver');
  const path = await granted({ name: 'payments-restart-dev' });
  await world.plane.tell('start apiserver');
  await isActive(dana, path);
  await isSynced(world, 'payments');
  expect(await commitsOf(world.server.repository, path.split('/').pop()!)).toHaveLength(1);
});
