import { becomes } from './line.ts';
import { day, dayWords, NetworkForm } from './network.ts';
import { agree, expect, isActive, isSynced, test } from './plane.ts';
import { signIn } from './tenure.ts';
import { insideNetworkPolicy, reachingNetworkPolicy } from './workloads.ts';

test.use({ turnsTheClock: 'network' });

const name = 'payments-open-dev';
const inside = ['-n', name];
const own = reachingNetworkPolicy('ledger', 'api', '10.20.0.0/16', 5432);
const witness = 'network-opening: spec.egress[0].to[0] "TCP 5432 from pods app=api of this namespace to 10.20.0.0/16, for example 10.20.0.1"';

test('what a member opens is let in inside the namespace, and beyond it only while an exception lasts', async ({ as, granted, world }) => {
  test.setTimeout(400_000);
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name }));
  await world.plane.done('dana', ['apply', ...inside, '-f', '-'], insideNetworkPolicy('inside'));

  const denial = await world.plane.refused('dana', ['apply', ...inside, '-f', '-'], own);
  expect(denial, 'with a flow that nobody granted').toContain(witness);
  const link = denial.match(/https?:\S+\/requests\/new\/network\?\S+/)![0];

  const path = await test.step('the denial leads to the form, filled in', async () => {
    await dana.goto(link);
    const form = new NetworkForm(dana);
    await expect(form.namespace.locator('option:checked')).toHaveText(`${name} on weu-1`);
    await expect(form.pods).toHaveValue('app=api');
    await expect(form.cidr).toHaveValue('10.20.0.0/16');
    await expect(form.ports).toHaveValue('TCP 5432');
    await form.until.fill(day(2));
    await form.reason.fill('The ledger’s database.');
    return form.send();
  });
  await agree(as, path);
  await isActive(dana, path);
  const exception = `tenure-exception-${path.split('/').pop()}-egress`;
  const live = await world.plane.read('networkpolicy', exception, name);
  expect(live!.metadata.annotations).toMatchObject({ 'tenure.dev/request': path.split('/').pop(), 'tenure.dev/until': `${day(2)}T00:00:00Z` });
  expect(live!.spec).toMatchObject({ podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Egress'] });
  await world.plane.done('dana', ['apply', ...inside, '-f', '-'], own);

  await test.step('nobody edits the exception', async () => {
    const longer = ['annotate', 'networkpolicy', exception, ...inside, '--overwrite', 'tenure.dev/until=2099-01-01T00:00:00Z'];
    const wider = ['patch', 'networkpolicy', exception, ...inside, '--type=merge', '-p', '{"spec":{"podSelector":null}}'];
    for (const args of [longer, wider, ['delete', 'networkpolicy', exception, ...inside]]) {
      for (const who of ['dana', 'admin']) {
        expect(await world.plane.refused(who, args), `${who}: ${args[0]}`).toContain(`governed: metadata.name "${exception}"`);
      }
    }
  });

  await world.server.ahead('49h');
  await expect.poll(() => world.plane.read('networkpolicy', exception, name), { message: 'Argo CD removes it', timeout: 90_000 }).toBeUndefined();
  await dana.goto('/'); // her session has ended meanwhile
  await signIn(dana, 'Dana Developer');
  await becomes(dana, path, 'Ended');
  await expect(dana.locator('#next')).toContainText(`It has ended. Its end, ${dayWords(2)} 00:00 UTC, came.`);
  await isSynced(world, 'payments');

  await world.plane.done('dana', ['delete', 'networkpolicy', 'ledger', ...inside]);
  expect(await world.plane.refused('dana', ['apply', ...inside, '-f', '-'], own)).toContain(witness);
  await world.plane.done('dana', ['apply', ...inside, '-f', '-'], insideNetworkPolicy('inside-again'));
});
