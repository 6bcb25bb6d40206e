import { AccessForm, ExemptionForm, numberOf, QuotaForm } from './grants.ts';
import { approve, becomes } from './line.ts';
import { day, dayWords } from './network.ts';
import { agree, expect, isActive, isSynced, test } from './plane.ts';
import { signIn } from './tenure.ts';
import { deployment } from './workloads.ts';

test.use({ turnsTheClock: 'grants' });

const name = 'payments-grants-dev';
const inside = ['-n', name];
const foreign = deployment('cache', { image: 'docker.io/library/redis:7.2' });
const forCache = 'app.kubernetes.io/name=cache';

test('an increase, a person’s access and an exemption hold on the cluster until their end, and no longer', async ({ as, granted, world }) => {
  test.setTimeout(600_000);
  const { plane } = world;
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name }));
  const mayMakeTokens = ['auth', 'can-i', 'create', 'serviceaccounts', '--subresource=token', ...inside];

  const quota = await test.step('more CPU for two days', async () => {
    await dana.goto(`/requests/new/quota?tenant=payments&cluster=weu-1&namespace=${name}`);
    const form = new QuotaForm(dana);
    await form.cpu.fill('6');
    await form.until.fill(day(2));
    await form.reason.fill('The load test.');
    const path = await form.send();
    await approve(await as('Olivia Owner'), path);
    await isActive(dana, path);
    const live = await plane.read('resourcequota', 'tenure', name);
    expect(live!.spec).toMatchObject({ hard: { 'requests.cpu': '6', 'limits.cpu': '6' } });
    expect(live!.metadata.annotations).toMatchObject({ 'tenure.dev/raised-by': numberOf(path), 'tenure.dev/until': `${day(2)}T00:00:00Z` });
    return path;
  });

  const access = await test.step('the role admin for one person for two days', async () => {
    await plane.refused('dana', mayMakeTokens);
    await dana.goto(`/requests/new/access?tenant=payments&cluster=weu-1&namespace=${name}`);
    const form = new AccessForm(dana);
    await form.choose(form.subject, 'One person');
    await form.person.selectOption({ label: 'Dana Developer (dana@contoso.example)' });
    await form.choose(form.role, 'admin');
    await form.until.fill(day(2));
    await form.reason.fill('To debug the load test.');
    const path = await form.send();
    await approve(await as('Olivia Owner'), path);
    await isActive(dana, path);
    await plane.done('dana', mayMakeTokens);
    return path;
  });

  const exemption = await test.step('an image from elsewhere for two days, asked for from the denial', async () => {
    const denial = await plane.refused('dana', ['apply', ...inside, '-f', '-'], foreign);
    await dana.goto(denial.match(/https?:\S+\/requests\/new\/exemption\?\S+/)![0]);
    const form = new ExemptionForm(dana);
    await expect(form.image).toHaveValue('docker.io/library/redis:7.2');
    await expect(form.pods).toHaveValue(forCache);
    await form.until.fill(day(2));
    await form.reason.fill('Until the platform has a copy of it.');
    const path = await form.send();
    await agree(as, path);
    await isActive(dana, path);
    await plane.done('dana', ['apply', ...inside, '-f', '-'], foreign);
    const other = deployment('other', { image: 'docker.io/library/redis:7.2' });
    expect(await plane.refused('dana', ['apply', ...inside, '-f', '-'], other), 'other pods').toContain('trusted-registry');
    return path;
  });

  await test.step('nobody edits what was given', async () => {
    const binding = `tenure-admin-person-`;
    const bindings = await plane.done('dana', ['get', 'rolebindings', ...inside, '-o', 'name']);
    const found = bindings.split('\n').find((line) => line.includes(binding))!;
    for (const args of [
      ['patch', 'resourcequota', 'tenure', ...inside, '--type=merge', '-p', '{"spec":{"hard":{"requests.cpu":"60"}}}'],
      ['annotate', found, ...inside, '--overwrite', 'tenure.dev/until=2099-01-01T00:00:00Z'],
      ['delete', found, ...inside],
    ]) {
      expect(await plane.refused('admin', args), args.join(' ')).toContain('governed: ');
    }
  });

  await world.server.ahead('49h');
  await expect
    .poll(async () => (await plane.read('resourcequota', 'tenure', name))!.spec, { message: 'Argo CD takes the increase away', timeout: 90_000 })
    .toMatchObject({ hard: { 'requests.cpu': '2' } });
  await expect.poll(() => plane.done('admin', ['get', 'rolebindings', ...inside, '-o', 'name']), { timeout: 90_000 }).not.toContain('tenure-admin-person-');
  await dana.goto('/'); // her session has ended meanwhile
  await signIn(dana, 'Dana Developer');
  for (const path of [quota, access, exemption]) {
    await becomes(dana, path, 'Ended');
    await expect(dana.locator('#next')).toContainText(`Its end, ${dayWords(2)} 00:00 UTC, came.`);
  }
  await isSynced(world, 'payments');
  await plane.refused('dana', mayMakeTokens);
  await plane.done('dana', ['apply', ...inside, '-f', '-'], foreign); // it runs, and nothing of it changes
  await plane.done('dana', ['delete', 'deployment', 'cache', ...inside]);
  expect(await plane.refused('dana', ['apply', ...inside, '-f', '-'], foreign), 'a new one').toContain('trusted-registry');
});
