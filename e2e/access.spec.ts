import { AccessForm, agreed, furnish, namespace, numberOf } from './grants.ts';
import { git } from './git.ts';
import { becomes, openFromQueue, vote } from './line.ts';
import { day, dayWords } from './network.ts';
import type { Server } from './server.ts';
import { expect, test } from './tenure.ts';

/** bindings lists the RoleBindings of the namespace. */
async function bindings(server: Server) {
  const files = (await git(server.repository, 'ls-tree', '-r', '--name-only', 'HEAD')).split('\n');
  return files.filter((file) => file.includes(`/${namespace}/`) && file.includes('rolebinding'));
}

test('a person gets a role for a time; the reviewer reads what they gain, and it ends by itself', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, olivia } = await furnish(as);
  const before = await bindings(server);
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await dana.getByRole('link', { name: 'Ask for access' }).click();
  const form = new AccessForm(dana);
  await form.choose(form.subject, 'One person');
  await form.person.selectOption('Dana Developer (dana@contoso.example)');
  await form.choose(form.role, 'admin');
  await expect(form.until, 'for good it is not to be had').toHaveAccessibleDescription(/The role admin is given for a time only/);
  await form.until.fill(day(2));
  await form.reason.fill('An incident.');
  const sentence = `Gives Dana Developer (dana@contoso.example) the role admin in ${namespace} on weu-1, until ${dayWords(2)}`;
  await expect(form.plan).toContainText(sentence);
  await expect(form.plan).toContainText('With it they may');
  const path = await form.send();

  await openFromQueue(olivia, `Temporary access (admin) to ${namespace} on weu-1`);
  await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText(sentence);
  await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText('With it they may');
  await vote(olivia, 'Approve');
  await becomes(dana, path, 'Committed');
  expect(await bindings(server)).toHaveLength(before.length + 1);
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await expect(dana.getByRole('list', { name: 'Access' }).getByRole('listitem').filter({ hasText: 'admin for dana@contoso.example' })).toContainText('ends in 1 day');

  await server.ahead('49h');
  await expect.poll(() => bindings(server), { message: 'the binding goes', timeout: 60_000 }).toEqual(before);
  const later = await as('Dana Developer');
  await becomes(later, path, 'Ended');
  await test.step('what ended can be asked for again, filled in', async () => {
    await later.getByRole('link', { name: 'Ask again' }).click();
    const again = new AccessForm(later);
    await expect(again.reason).toHaveValue('An incident.');
    await expect(again.person.locator('option:checked')).toHaveText('Dana Developer (dana@contoso.example)');
  });
});

test('what came with the namespace is taken away, and the namespace’s page no longer has it', async ({ as, server }) => {
  const { dana, olivia, sam } = await furnish(as);
  const before = await bindings(server);
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await dana.getByRole('link', { name: 'End it…: edit for the members of payments' }).click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`Request to end access to ${namespace}`);
  await expect(dana.getByRole('complementary', { name: 'The plan' })).toContainText('Takes away edit for');
  await dana.getByLabel('Reason').fill('Nobody deploys by hand any more.');
  await dana.getByRole('button', { name: 'Submit request' }).click();
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  const path = new URL(dana.url()).pathname;
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await expect(dana.getByRole('link', { name: 'End asked for: edit for the members of payments' })).toHaveAttribute('href', path);
  await agreed(dana, path, olivia, sam);
  expect(await bindings(server)).toHaveLength(before.length - 1);
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await expect(dana.getByRole('list', { name: 'Access' })).not.toContainText('edit for the members of payments');
});

test('access for people of another tenant is refused beside its field, and nothing typed is lost', async ({ as }) => {
  const { dana } = await furnish(as);
  const max = '44444444-0000-4000-8000-000000000004'; // Max Member of search
  await dana.goto('/requests/new/access?' + new URLSearchParams({ subject: 'person', person: max, role: 'view', reason: 'They help us.' }));
  const form = new AccessForm(dana);
  await form.refused();
  await expect(form.person).toHaveAccessibleDescription(/is in none of payments's groups/);
  await expect(form.person).toHaveValue(max);
  await expect(form.reason).toHaveValue('They help us.');
  await form.choose(form.subject, 'Another group');
  await form.group.fill('the on-call people');
  await form.refused();
  await expect(form.group).toHaveAccessibleDescription(/"the on-call people"/);
  await expect(form.group).toHaveValue('the on-call people');
  expect(numberOf(new URL(dana.url()).pathname), 'nothing was stored').toBe('requests');
});
