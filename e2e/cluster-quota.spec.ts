import { numberOf, QuotaForm } from './grants.ts';
import { approve } from './line.ts';
import { expect, isActive, test } from './plane.ts';
import { deployment, pod } from './workloads.ts';

const name = 'payments-used-dev';
const inside = ['-n', name];

test('the bars show what the cluster counts, and a quota below that asks whether it is meant', async ({ as, granted, world }) => {
  const { plane } = world;
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name }));
  await plane.done('dana', ['apply', ...inside, '-f', '-'], deployment('web'));
  await plane.done('dana', ['scale', 'deployment', 'web', '--replicas=2', ...inside]);
  const use = (bar: string) => dana.getByRole('region', { name: 'Quota' }).getByRole('list', { name: bar, exact: true });
  await expect(async () => {
    await dana.goto(`/namespaces/weu-1/${name}`);
    await expect(use('Pods')).toContainText('in use 2', { timeout: 100 });
  }, 'both pods are counted').toPass({ timeout: 60_000 });
  await expect(use('CPU'), 'as the LimitRange has it').toContainText('in use 2');
  await expect(use('Memory')).toContainText('in use 1Gi');
  await expect(use('Storage')).toContainText('in use 0');

  await dana.goto(`/requests/new/quota?tenant=payments&cluster=weu-1&namespace=${name}`);
  const form = new QuotaForm(dana);
  await expect(form.bar('Pods')).toContainText('in use 2');
  await form.pods.fill('1');
  await form.reason.fill('It needs no more than one.');
  await form.refused();
  await expect(form.confirmed).toHaveAccessibleDescription(/pods: 1 asked, 2 in use/i);
  await form.confirmed.check();
  const path = await form.send();
  await expect(dana.getByRole('region', { name: 'What will be' })).toContainText('confirmed that something may be in use beyond these amounts');
  await approve(await as('Olivia Owner'), path);
  await isActive(dana, path);
  expect((await plane.read('resourcequota', 'tenure', name))!.spec).toMatchObject({ hard: { pods: '1' } });
  expect((await plane.read('resourcequota', 'tenure', name))!.metadata.annotations).toMatchObject({ 'tenure.dev/request': numberOf(path) });
  expect(await plane.list('pods', name), 'what runs goes on').toHaveLength(2);
  expect(await plane.refused('dana', ['apply', ...inside, '-f', '-'], pod('another'))).toContain('exceeded quota');
});
