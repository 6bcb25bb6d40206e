import { agreed, askForExemption, ExemptionForm, furnish, namespace, numberOf } from './grants.ts';
import { commitsOf } from './git.ts';
import { approve, ask, becomes, NamespaceForm, stateOf, vote, wanted } from './line.ts';
import { day } from './network.ts';
import { expect, test } from './tenure.ts';

test('a rejected request is asked again, filled in and changed, as a new one', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const want = wanted({ size: 'large', purpose: 'The payment API,\nfor its developers.' });
  const rejected = await ask(dana, want);
  const olivia = await as('Olivia Owner');
  await olivia.goto(rejected);
  await vote(olivia, 'Reject', 'A small one will do.');

  await dana.goto(rejected);
  await dana.getByRole('link', { name: 'Ask again' }).click();
  await expect(dana).toHaveURL(new RegExp(`/requests/new/namespace\\?from=${numberOf(rejected)}$`));
  const form = new NamespaceForm(dana);
  await expect(form.name).toHaveValue(want.name);
  await expect(form.cluster).toHaveValue(want.cluster);
  await expect(form.choice(form.environment, want.environment)).toBeChecked();
  await expect(form.choice(form.size, 'large')).toBeChecked();
  await expect(form.choice(form.podSecurity, want.podSecurity)).toBeChecked();
  await expect(form.purpose).toHaveValue(want.purpose);
  await form.choice(form.size, 'small').check();
  await form.submit.click();
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  const path = new URL(dana.url()).pathname;
  expect(path).not.toBe(rejected);
  await agreed(dana, path, olivia, await as('Sam Security'));
  expect(await commitsOf(server.repository, numberOf(path))).toHaveLength(1);
  expect(await commitsOf(server.repository, numberOf(rejected))).toEqual([]);
  await becomes(dana, rejected, 'Rejected');
});

test('an old request is duplicated: what cannot be twice says so, and the rest is there', async ({ as }) => {
  const { dana } = await furnish(as);
  await dana.goto('/tenants/payments');
  const path = (await dana.getByRole('link', { name: /Namespace payments-api-dev on weu-1/ }).first().getAttribute('href'))!;
  await dana.goto(`/requests/new/namespace?from=${numberOf(path)}`);
  const form = new NamespaceForm(dana);
  await expect(form.name).toHaveValue(namespace);
  await expect(form.name).toHaveAccessibleDescription(/"payments-api-dev" is taken on weu-1/);
  await form.name.fill('payments-web-dev');
  await expect(form.plan).toContainText('payments-web-dev');
  await form.submit.click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('Namespace payments-web-dev on weu-1');

  const max = await as('Max Member');
  expect((await max.goto(`/requests/new/namespace?from=${numberOf(path)}`))!.status(), 'another tenant’s').toBe(404);
  expect((await dana.goto('/requests/new/namespace?from=99'))!.status()).toBe(404);
});

test('an exemption is changed as its reviewer wants it, with all that was typed, and the owner looks at it again', async ({ as, server }) => {
  const { dana, olivia, sam } = await furnish(as);
  const path = await askForExemption(dana);
  await approve(olivia, path);
  await sam.goto(path);
  await vote(sam, 'Ask for changes', 'For the cache only; there it may be longer.');
  await dana.goto('/');
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('1 of your requests needs a change');
  await dana.goto(path);
  await expect(dana.locator('.next-reason')).toHaveText('For the cache only; there it may be longer.');
  await dana.getByRole('link', { name: 'Change the request' }).click();
  const form = new ExemptionForm(dana);
  await expect(form.rule.getByRole('radio', { name: /^trusted-registry/ })).toBeChecked();
  await expect(form.image).toHaveValue('docker.io/library/redis:7.2');
  await expect(form.pods).toHaveValue('app=cache');
  await expect(form.until).toHaveValue(day(2));
  await expect(form.reason).toHaveValue('Until the platform has a copy of it.');
  await form.pods.fill('app=cache,tier=back');
  await form.until.fill(day(3));
  await expect(form.plan).toContainText('tier=back');
  await dana.getByRole('button', { name: 'Submit again' }).click();
  await expect(dana).toHaveURL(path);
  await expect(stateOf(dana)).toHaveText('In review');
  await expect(dana.locator('#next')).toHaveText('Waiting for the owners of payments: 0 of 1 approval.');
  expect((await olivia.goto(path + '/edit'))!.status(), 'nobody else changes it').toBe(409);
  await approve(olivia, path);
  await approve(sam, path);
  await becomes(dana, path, 'Active');
  expect(await commitsOf(server.repository, numberOf(path))).toHaveLength(1);
});

test('what was withdrawn is asked again with an end that is still to come', async ({ as, server }) => {
  const { dana } = await furnish(as);
  const path = await askForExemption(dana);
  await dana.getByText('Withdraw this request').click();
  await dana.getByRole('button', { name: 'Withdraw the request' }).click();
  await expect(stateOf(dana)).toHaveText('Withdrawn');
  await server.ahead('49h');
  const later = await as('Dana Developer');
  await later.goto(path);
  await later.getByRole('link', { name: 'Ask again' }).click();
  const form = new ExemptionForm(later);
  await expect(form.image).toHaveValue('docker.io/library/redis:7.2');
  const proposed = await form.until.inputValue();
  expect(proposed > day(2), `${proposed} is to come`).toBe(true);
  await form.send();
});
