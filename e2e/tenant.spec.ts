import type { Page } from '@playwright/test';
import { parse } from 'yaml';
import { numberOf } from './grants.ts';
import { commitsOf, git, verifyCommit } from './git.ts';
import { approve, ask, becomes, openFromQueue, settled, vote, wanted } from './line.ts';
import { inspect } from './look.ts';
import { tenure } from './program.ts';
import type { Server } from './server.ts';
import { askForLeaving, askForTenant, orders, TenantForm } from './tenants.ts';
import { expect, test } from './tenure.ts';

/** paymentsOwners is the group of Olivia and Oscar. */
const paymentsOwners = 'a1a1a1a1-0000-4000-8000-0000000000a1';

/** As signs people in; see tenure.ts. */
type As = (name: string) => Promise<Page>;

/** proves wants `tenure verify` to have nothing to object. */
async function proves(server: Server) {
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
}

/** founded gives orders its tenant. */
async function founded(as: As) {
  const people = { nina: await as('Nina Newcomer'), ada: await as('Ada Admin') };
  const path = await askForTenant(people.nina);
  await approve(people.ada, path);
  await settled(people.nina, path);
  return { ...people, path };
}

test('a team without a tenant asks for one, an admin agrees, and its people ask for their first namespace', async ({ as, server }) => {
  test.setTimeout(300_000);
  const nina = await as('Nina Newcomer');
  await expect(nina.getByRole('main'), 'home says where to begin').toContainText('You are in no tenant\'s groups');
  await nina.getByRole('main').getByRole('link', { name: /tenant/i }).first().click();
  await expect(nina.getByRole('heading', { level: 1 })).toHaveText('Request a tenant for your team');
  const form = new TenantForm(nina);
  await form.fill(orders({ owners: 'orders-o', members: '' }));
  await nina.getByRole('list', { name: /^Groups to pick from: Owners/ }).getByRole('button', { name: 'orders-owners' }).click();
  await expect(form.owners, 'a group is found by its name').toHaveValue('c1c1c1c1-0000-4000-8000-0000000000c1');
  await form.members.fill('orders-members');
  await expect(form.plan).toContainText('Makes Orders a tenant, "orders": it may have namespaces on weu-1, whose names begin with "orders-".');
  await expect(form.plan).toContainText('All its namespaces together may have 16 CPU, 64Gi memory, 500Gi storage, in at most 6 namespaces.');
  await expect(form.plan).toContainText('It is reached at orders@contoso.example, and cost centre CC-4711 pays.');
  const path = await form.send();
  await expect(nina.getByRole('heading', { level: 1 })).toHaveText('Tenant Orders');
  expect((await nina.goto('/tenants/orders'))!.status(), 'it is not there yet').toBe(404);

  await test.step('nobody else’s business but the admins’, who see what is asked', async () => {
    const olivia = await as('Olivia Owner');
    expect((await olivia.goto(path))!.status()).toBe(404);
    const ada = await as('Ada Admin');
    await openFromQueue(ada, 'Tenant Orders');
    const will = ada.getByRole('region', { name: 'What will be' });
    await expect(will).toContainText(/Its owners, who agree to what it asks for, are the group "orders-owners" \(c1c1c1c1-[0-9a-f-]+, 1 person\)\./);
    await expect(will).toContainText('Its own Argo CD Applications may read: https://git.contoso.example/orders/deploy.');
    await expect(ada.getByRole('region', { name: 'Files' })).toContainText('approved/orders.yaml');
    await vote(ada, 'Approve');
  });
  await settled(nina, path);

  await test.step('the commit is signed, says who decided, and proves', async () => {
    const [commit, ...more] = await commitsOf(server.repository, numberOf(path));
    expect(more).toEqual([]);
    expect(await verifyCommit(server.repository, commit!)).toMatchObject({ code: 0 });
    const message = await git(server.repository, 'log', '-1', '--format=%B', commit!);
    expect(message).toMatch(/^Tenure-Act: grant$/m);
    expect(message).toMatch(/^Tenure-Kind: tenant$/m);
    expect(message).toMatch(/^Tenure-Requested-By: .*name=Nina Newcomer$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=admin; name=Ada Admin$/m);
    const tenancy = parse(await git(server.repository, 'show', `${commit}:approved/orders.yaml`));
    expect(tenancy.spec).toMatchObject({
      owners: { group: 'c1c1c1c1-0000-4000-8000-0000000000c1' }, members: { group: 'c2c2c2c2-0000-4000-8000-0000000000c2' },
      ceiling: { cpu: '16', memory: '64Gi', storage: '500Gi', namespaces: 6 }, contact: 'orders@contoso.example', costCentre: 'CC-4711',
    });
    await proves(server);
  });

  await test.step('the tenant has a page, for its people and for nobody else’s', async () => {
    await nina.goto('/tenants/orders');
    await expect(nina.getByRole('heading', { level: 1 })).toHaveText('Orders has 0 namespaces');
    const about = nina.getByRole('region', { name: 'About the team' });
    await expect(about).toContainText('orders-owners');
    await expect(about).toContainText('CC-4711');
    await expect(about.getByRole('link', { name: 'orders@contoso.example' })).toHaveAttribute('href', 'mailto:orders@contoso.example');
    await expect(about.getByRole('link', { name: `Request ${numberOf(path)}` })).toHaveAttribute('href', path);
    const max = await as('Max Member');
    expect((await max.goto('/tenants/orders'))!.status()).toBe(404);
  });

  await test.step('its members ask, its owners agree', async () => {
    const noah = await as('Noah Newcomer');
    const first = await ask(noah, wanted({ tenant: 'orders', name: 'orders-api-dev', purpose: 'The orders’ own service.' }));
    await approve(nina, first);
    await approve(await as('Sam Security'), first);
    await becomes(noah, first, 'Committed');
    await noah.goto('/tenants/orders');
    await expect(noah.getByRole('row', { name: /orders-api-dev/ })).toContainText('weu-1');
    await proves(server);
  });
});

test('the ceiling and the people of a tenant are changed by a request of its own people’s', async ({ as, server }) => {
  test.setTimeout(300_000);
  const { nina, ada } = await founded(as);
  const noah = await as('Noah Newcomer');
  await noah.goto('/tenants/orders');
  await noah.getByRole('link', { name: 'Change…' }).click();
  await expect(noah.getByRole('heading', { level: 1 })).toHaveText('Request a change of tenant orders');
  const form = new TenantForm(noah);
  await expect(form.displayName, 'it begins with what there is').toHaveValue('Orders');
  await expect(form.cpu).toHaveValue('16');
  await expect(form.repositories).toHaveValue('https://git.contoso.example/orders/deploy');
  await expect(form.clusters.getByRole('checkbox', { name: /^weu-1/ })).toBeChecked();
  await expect(noah.getByRole('textbox', { name: 'Short name' }), 'the slug never changes').toHaveCount(0);
  await form.cpu.fill('24');
  await form.namespaces.fill('8');
  await form.clusters.getByRole('checkbox', { name: /^neu-1/ }).check();
  await form.reason.fill('The Nordic shops come, too.');
  await expect(form.plan).toContainText('Raises the ceiling of orders in CPU from 16 to 24.');
  await expect(form.plan).toContainText('Lets orders have namespaces on neu-1, too.');
  const path = await form.send();
  await expect(noah.getByRole('heading', { level: 1 })).toHaveText('Change of tenant Orders');

  await test.step('while it is open, the page says so, and another is refused', async () => {
    await nina.goto('/tenants/orders');
    await expect(nina.getByRole('link', { name: 'Change asked for' })).toHaveAttribute('href', path);
    await nina.goto('/requests/new/tenant?tenant=orders');
    const other = new TenantForm(nina);
    await other.cpu.fill('20');
    await other.reason.fill('A little more.');
    await other.refused();
    await expect(nina.getByRole('alert')).toContainText(`Request ${numberOf(path)} by Noah Newcomer already asks for changes of this tenant.`);
  });

  await openFromQueue(ada, 'Change of tenant Orders');
  await expect(ada.getByRole('table', { name: 'The tenant\'s ceiling' }).getByRole('row', { name: /^CPU/ })).toHaveText(/^CPU\s*0\s*16\s*24$/);
  await vote(ada, 'Approve');
  await settled(noah, path);
  const tenancy = parse(await git(server.repository, 'show', 'HEAD:approved/orders.yaml'));
  expect(tenancy.spec).toMatchObject({ ceiling: { cpu: '24', namespaces: 8 }, clusters: ['neu-1', 'weu-1'] });
  await proves(server);
  await noah.goto('/requests/new/namespace');
  await expect(noah.getByLabel('Cluster', { exact: true }).getByRole('option', { name: 'neu-1' })).toBeAttached();
});

test('a ceiling below what is given, a name that is taken and a group of another tenant’s are refused beside their fields', async ({ as }) => {
  const { nina, ada } = await founded(as);
  const first = await ask(nina, wanted({ tenant: 'orders', name: 'orders-api-dev', size: 'large', purpose: 'The orders’ own service.' }));
  await approve(ada, first); // the only owner asks herself
  await approve(await as('Sam Security'), first);
  await becomes(nina, first, 'Committed');
  await nina.goto('/requests/new/tenant?tenant=orders');
  const change = new TenantForm(nina);
  await change.cpu.fill('4');
  await expect(change.cpu, 'it is checked as typed').toHaveAccessibleDescription(/4 is below what orders's namespaces have already: 8 CPU/);
  await change.namespaces.fill('0');
  await change.reason.fill('We need less.');
  await change.refused();
  await expect(change.cpu).toHaveAccessibleDescription(/is below what orders's namespaces have already/);
  await expect(change.cpu).toHaveValue('4');
  await expect(change.reason).toHaveValue('We need less.');

  const max = await as('Max Member');
  await max.goto('/requests/new/tenant');
  const form = new TenantForm(max);
  await form.fill(orders({ owners: paymentsOwners, memory: '1.5 TB', contact: 'nobody', repositories: 'https://git.contoso.example/*', clusters: [] }));
  await form.refused();
  await expect(form.tenant).toHaveAccessibleDescription(/"orders" is taken/);
  await expect(form.owners).toHaveAccessibleDescription(/This group is another tenant's already/);
  await expect(form.memory).toHaveAccessibleDescription(/"1\.5 TB" is not how Kubernetes writes it/);
  await expect(form.contact).toHaveAccessibleDescription(/"nobody"/);
  await expect(form.repositories).toHaveAccessibleDescription(/wildcards and queries are not allowed/);
  await expect(form.memory).toHaveValue('1.5 TB');
  for (const [slug, message] of [['kube', /reserved for the platform/], ['Orders', /'O' cannot be in a name/], ['payrnents', /looks like the name of another tenant/]] as const) {
    await form.tenant.fill(slug);
    await expect(form.tenant, 'as typed').toHaveAccessibleDescription(message);
  }
});

test('a tenant goes when it is empty, and its name can be asked for again', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { nina, ada } = await founded(as);
  const first = await ask(await as('Noah Newcomer'), wanted({ tenant: 'orders', name: 'orders-api-dev', purpose: 'The orders’ own service.' }));
  await approve(nina, first);
  await approve(await as('Sam Security'), first);
  await becomes(nina, first, 'Committed');

  await test.step('with a namespace in it, it stays', async () => {
    await nina.goto('/tenants/orders');
    await expect(nina.getByRole('link', { name: 'Remove tenant…' })).toHaveCount(0);
    await nina.goto('/requests/new/removal?tenant=orders&whole=yes');
    await expect(nina.getByRole('heading', { level: 1 })).toHaveText('Orders still has 1 namespace');
    await nina.getByRole('link', { name: /orders-api-dev/ }).click();
    await nina.getByLabel('Name of the namespace').fill('orders-api-dev');
    await nina.getByLabel('Reason').fill('It runs elsewhere.');
    await nina.getByRole('button', { name: 'Submit request' }).click();
    await expect(nina).toHaveURL(/\/requests\/\d+$/);
    const removal = new URL(nina.url()).pathname;
    await approve(ada, removal); // the only owner asks herself
    await approve(await as('Sam Security'), removal);
    await becomes(nina, removal, 'Committed');
  });

  const path = await askForLeaving(nina);
  await expect(nina.getByRole('region', { name: 'What will be' })).toContainText('Removes the tenant orders: nobody can ask for anything in its name any more');
  await approve(ada, path);
  await approve(await as('Sam Security'), path);
  await settled(nina, path);
  const files = await git(server.repository, 'ls-tree', '-r', '--name-only', 'HEAD');
  expect(files.split('\n').filter((file) => file.includes('orders'))).toEqual([]);
  expect(await git(server.repository, 'log', '-1', '--format=%B')).toMatch(/^Tenure-Act: end$/m);
  await proves(server);
  expect((await nina.goto('/tenants/orders'))!.status()).toBe(404);
  await nina.goto(path);
  await expect(nina.locator('#next')).toContainText('The tenant is gone');

  const again = await askForTenant(nina);
  await approve(ada, again);
  await settled(nina, again);
  await nina.goto('/tenants/orders');
  await expect(nina.getByRole('heading', { level: 1 })).toHaveText('Orders has 0 namespaces');
  await proves(server);
});

test('a tenant can be asked for without JavaScript, its groups picked from those that are found', async ({ as }) => {
  const nina = await as('Nina Newcomer', { javaScriptEnabled: false });
  await nina.goto('/requests/new/tenant');
  const form = new TenantForm(nina);
  await form.fill(orders({ owners: 'orders-o' }));
  await nina.getByRole('button', { name: 'Show the plan' }).click();
  await nina.getByRole('list', { name: /^Groups to pick from: Owners/ }).getByRole('radio', { name: /orders-owners/ }).check();
  await nina.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.plan).toContainText('Makes Orders a tenant');
  await form.send();
  await expect(nina.getByRole('heading', { level: 1 })).toHaveText('Tenant Orders');
});

test('no page about tenants has an axe violation or scrolls sideways, light or dark, wide or narrow', async ({ as }) => {
  test.setTimeout(600_000);
  const nina = await as('Nina Newcomer');
  await inspect(nina, 'home-without-tenant');
  await nina.goto('/requests/new');
  await inspect(nina, 'kinds-without-tenant');
  await nina.goto('/requests/new/tenant');
  await inspect(nina, 'tenant-form-empty');
  const form = new TenantForm(nina);
  await form.fill(orders({ owners: 'orders', cpu: 'many', clusters: [] }));
  await form.refused();
  await inspect(nina, 'tenant-form-with-problems');
  const path = await askForTenant(nina);
  const ada = await as('Ada Admin');
  await ada.goto(path);
  await inspect(ada, 'tenant-in-review');
  await vote(ada, 'Approve');
  await settled(nina, path);
  await inspect(nina, 'tenant-committed');
  await nina.goto('/tenants/orders');
  await inspect(nina, 'tenant-page-new');
  await nina.goto('/requests/new/tenant?tenant=orders');
  await inspect(nina, 'tenant-change-form');
  const leaving = await askForLeaving(nina);
  await inspect(nina, 'tenant-leaving');
  await ada.goto(leaving);
  await inspect(ada, 'tenant-leaving-in-review');
});
