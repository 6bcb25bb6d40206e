import type { Locator, Page } from '@playwright/test';
import { approve, ask, becomes, openFromQueue, stateOf, steps, vote, wanted } from './line.ts';
import { commitsOf, git, verifyCommit } from './git.ts';
import { inspect } from './look.ts';
import { tenure } from './program.ts';
import type { Server } from './server.ts';
import { expect, test } from './tenure.ts';

const name = 'payments-api-dev';
const title = `Removal of ${name} on weu-1`;

/** RemovalForm finds the fields of the form for a removal by what people read beside them. */
class RemovalForm {
  readonly target: Locator;
  readonly confirmation: Locator;
  readonly reason: Locator;
  readonly submit: Locator;
  readonly plan: Locator;

  constructor(readonly page: Page) {
    this.target = page.getByRole('region', { name: 'What would be removed' });
    this.confirmation = page.getByLabel('Name of the namespace');
    this.reason = page.getByLabel('Reason');
    this.submit = page.getByRole('button', { name: 'Submit request' });
    this.plan = page.getByRole('complementary', { name: 'The plan' });
  }
}

/** People are those who take part in each of these tests. */
interface People {
  dana: Page;
  olivia: Page;
  sam: Page;
}

type As = (name: string) => Promise<Page>;

/** furnish gives payments a namespace. */
async function furnish(as: As): Promise<People> {
  const people = { dana: await as('Dana Developer'), olivia: await as('Olivia Owner'), sam: await as('Sam Security') };
  const path = await ask(people.dana);
  await approve(people.olivia, path);
  await approve(people.sam, path);
  await becomes(people.dana, path, 'Committed');
  return people;
}

/** openForm goes from the tenant's page to the form. */
async function openForm(page: Page) {
  await page.goto('/tenants/payments');
  await page.getByRole('link', { name: `Remove… ${name} on weu-1` }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Request the removal of ${name}`);
  return new RemovalForm(page);
}

/** askForRemoval goes through the form and gives the path of the request's page. */
async function askForRemoval(page: Page, reason = 'Replaced by payments-api-test.') {
  const form = await openForm(page);
  await form.confirmation.fill(name);
  await form.reason.fill(reason);
  await form.submit.click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  return new URL(page.url()).pathname;
}

/** proves wants `tenure verify` to have nothing to object. */
async function proves(server: Server) {
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
}

test('a namespace is removed after an owner and security approved it, and its name is free again', async ({ as, server }) => {
  test.slow(); // three requests go all the way
  const { dana, olivia, sam } = await furnish(as);
  const form = await openForm(dana);
  await expect(form.target).toContainText('dev');
  await expect(form.target).toContainText('2 CPU, 8Gi memory, 20Gi storage, 20 pods');
  await expect(form.target.getByRole('link', { name: 'Request 1' })).toBeVisible();
  await expect(form.plan, 'what would be lost is shown before anything is typed').toContainText('with everything in it: workloads, volumes, secrets. This cannot be undone.');
  await expect(form.plan.locator('#plan-status')).toContainText('Still needed: name of the namespace, reason.');
  await expect(form.plan).toContainText('removed');
  await form.confirmation.fill(name);
  await form.reason.fill('Replaced by payments-api-test.');
  await expect(form.plan.locator('#plan-status')).toContainText('Nothing is sent before you submit.');
  await form.submit.click();
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  const path = new URL(dana.url()).pathname;
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(title);

  await test.step('the tenant’s page says that it is asked for, and a second request is refused', async () => {
    await olivia.goto('/tenants/payments');
    await expect(olivia.getByRole('row', { name: /payments-api-dev/ }).getByRole('link', { name: /^Removal asked for/ })).toHaveAttribute('href', path);
    await olivia.goto(`/requests/new/removal?tenant=payments&cluster=weu-1&namespace=${name}`);
    await expect(olivia.getByText(`Request 2 by Dana Developer already asks to remove "${name}" on weu-1.`)).toBeVisible();
  });

  await openFromQueue(olivia, title);
  await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText('Replaced by payments-api-test.');
  await vote(olivia, 'Approve');
  await openFromQueue(sam, title);
  await expect(sam.getByRole('region', { name: 'Files' })).toContainText(`clusters/weu-1/payments/${name}/`);
  await vote(sam, 'Approve');
  await becomes(dana, path, 'Committed');

  const head = await git(server.repository, 'rev-parse', 'HEAD');
  await expect(steps(dana).locator(`code[title="${head}"]`)).toBeVisible();
  await dana.goto('/tenants/payments');
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('Payments has 0 namespaces');
  await expect(dana.getByRole('row', { name: /payments-api-dev/ })).toHaveCount(0);

  await test.step('the commit is signed, says who decided, and proves', async () => {
    expect(await commitsOf(server.repository, path.split('/').pop()!)).toEqual([head]);
    expect(await verifyCommit(server.repository, head)).toMatchObject({ code: 0 });
    const message = await git(server.repository, 'log', '-1', '--format=%B', head);
    expect(message).toMatch(/^Why: Replaced by payments-api-test\.$/m);
    expect(message).toMatch(/^Tenure-Act: end$/m);
    expect(message).toMatch(/^Tenure-Kind: removal$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=owner; name=Olivia Owner$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=security; name=Sam Security$/m);
    expect(await git(server.repository, 'ls-tree', '-r', '--name-only', head)).not.toContain(name);
    await proves(server);
  });

  await test.step('the name can be asked for again', async () => {
    const again = await ask(dana);
    await approve(olivia, again);
    await approve(sam, again);
    await becomes(dana, again, 'Committed');
    await dana.goto('/tenants/payments');
    await expect(dana.getByRole('row', { name: /payments-api-dev/ })).toBeVisible();
    await proves(server);
  });
});

test('a name that is typed wrong says so beside the field, and nothing typed is lost', async ({ as }) => {
  const { dana } = await furnish(as);
  const form = await openForm(dana);
  const reason = 'Not used any more,\nsince March.';
  await form.reason.fill(reason);
  await form.confirmation.fill('payments-api-prod');
  const message = `"payments-api-prod" is not the name of this namespace. Type "${name}".`;
  await expect(form.confirmation, 'it is checked as typed').toHaveAccessibleDescription(new RegExp(message));
  await expect(form.plan, 'the plan stays').toContainText('This cannot be undone.');

  const answer = dana.waitForResponse((response) => response.request().isNavigationRequest());
  await form.submit.click();
  expect((await answer).status()).toBe(422);
  await expect(dana.getByRole('alert')).toBeFocused();
  await expect(form.confirmation).toHaveAccessibleDescription(new RegExp(message));
  await expect(form.confirmation).toHaveAttribute('aria-invalid', 'true');
  await expect(form.confirmation).toHaveValue('payments-api-prod');
  await expect(form.reason).toHaveValue(reason);
  await expect(form.target).toContainText(name);
  await expect(form.plan).toContainText('This cannot be undone.');

  await form.reason.fill('');
  await form.confirmation.fill('');
  await form.submit.click();
  await expect(dana.getByRole('alert').getByRole('link')).toHaveCount(2);
  await expect(form.reason).toHaveAccessibleDescription(/Say in a sentence why it can go/);
  await dana.goto('/');
  await expect(dana.getByRole('list', { name: 'What you asked for' }).getByRole('link', { name: title }), 'nothing was sent').toHaveCount(0);
});

test('without a namespace in the link it is chosen first, and without JavaScript everything works', async ({ as, browser }) => {
  const { olivia } = await furnish(as);
  await olivia.goto('/requests/new/removal');
  await expect(olivia.getByRole('heading', { level: 1 })).toHaveText('Which namespace is to be removed?');

  const context = await browser.newContext({ javaScriptEnabled: false, storageState: await olivia.context().storageState(), baseURL: new URL(olivia.url()).origin });
  const page = await context.newPage();
  await page.goto('/requests/new/removal');
  await page.getByRole('list', { name: 'Namespaces of Payments' }).getByRole('link', { name }).click();
  const form = new RemovalForm(page);
  await expect(form.plan).toContainText('This cannot be undone.');
  await form.confirmation.fill('wrong');
  await page.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.confirmation).toHaveAccessibleDescription(/is not the name of this namespace/);
  await form.confirmation.fill(name);
  await form.reason.fill('Asked for without a script.');
  await form.submit.click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  await context.close();
});

test('what a reviewer wants said is said, and every vote before it is void', async ({ as }) => {
  const { dana, olivia, sam } = await furnish(as);
  const path = await askForRemoval(dana, 'Old.');
  await approve(olivia, path);
  await sam.goto(path);
  await vote(sam, 'Ask for changes', 'Say what replaces it.');

  await dana.goto(path);
  await dana.getByRole('link', { name: 'Change the request' }).click();
  const form = new RemovalForm(dana);
  await expect(form.confirmation).toHaveValue(name);
  await expect(form.reason).toHaveValue('Old.');
  await form.reason.fill('payments-api-test replaces it.');
  await expect(form.plan).toContainText('This cannot be undone.');
  await dana.getByRole('button', { name: 'Submit again' }).click();
  await expect(dana).toHaveURL(path);
  await expect(stateOf(dana)).toHaveText('In review');
  await expect(dana.getByRole('region', { name: 'What will be' })).toContainText('payments-api-test replaces it.');
  await expect(dana.locator('#next')).toHaveText('Waiting for the owners of payments: 0 of 1 approval.');
});

test('somebody who has no pointing device asks for a removal', async ({ as }) => {
  const { dana } = await furnish(as);
  await dana.goto('/tenants/payments');
  const tabTo = async (target: Locator) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await dana.keyboard.press('Tab');
    }
    throw new Error(`40 presses of Tab do not lead to ${target}`);
  };
  await tabTo(dana.getByRole('link', { name: /^Remove…/ }));
  await dana.keyboard.press('Enter');
  await expect(dana).toHaveURL(/\/requests\/new\/removal/);
  const form = new RemovalForm(dana);
  await tabTo(form.confirmation);
  await dana.keyboard.type(name);
  await dana.keyboard.press('Tab');
  await expect(form.reason).toBeFocused();
  await dana.keyboard.type('Asked for with the keyboard.');
  await tabTo(form.submit);
  await dana.keyboard.press('Enter');
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(title);
});

test('people of another tenant, and those who only read, find no way to ask for it', async ({ as }) => {
  await furnish(as);
  const link = `/requests/new/removal?tenant=payments&cluster=weu-1&namespace=${name}`;
  const aubrey = await as('Aubrey Auditor');
  await aubrey.goto('/tenants/payments');
  await expect(aubrey.getByRole('row', { name: /payments-api-dev/ })).toBeVisible();
  await expect(aubrey.getByRole('link', { name: /^Remove…/ })).toHaveCount(0);
  expect((await aubrey.goto(link))!.status()).toBe(403);
  const max = await as('Max Member');
  await max.goto(link);
  await expect(new RemovalForm(max).target).toContainText('There is no tenant "payments" that you can ask for.');
  await expect(max.getByRole('main')).not.toContainText('2 CPU');
});

test('no page of a removal has an axe violation or scrolls sideways, light or dark, wide or narrow', async ({ as }) => {
  test.setTimeout(600_000);
  const { dana, olivia, sam } = await furnish(as);
  const production = await ask(dana, wanted({ name: 'payments-checkout-with-a-long-name-prod', environment: 'prod', purpose: 'The shop’s checkout, in production.' }));
  await approve(olivia, production);
  await approve(sam, production);
  await approve(await as('Sofia Security'), production);
  await becomes(dana, production, 'Committed');

  await dana.goto('/tenants/payments');
  await inspect(dana, 'tenant-with-removals');
  await dana.goto('/requests/new/removal');
  await inspect(dana, 'removal-choice');
  await dana.getByRole('link', { name: 'payments-checkout' }).click();
  const form = new RemovalForm(dana);
  await inspect(dana, 'removal-form');
  await form.confirmation.fill('payments');
  await form.submit.click();
  await expect(dana.getByRole('alert')).toBeVisible();
  await inspect(dana, 'removal-form-with-problems');
  await dana.goto('/requests/new/removal?tenant=payments&cluster=weu-1&namespace=payments-gone');
  await inspect(dana, 'removal-form-of-nothing');

  const path = await askForRemoval(dana);
  await olivia.goto(path);
  await inspect(olivia, 'removal-in-review');
  await vote(olivia, 'Ask for changes', 'Say what replaces it.');
  await dana.goto(path + '/edit');
  await inspect(dana, 'removal-edit');
  await dana.getByRole('button', { name: 'Submit again' }).click();
  await approve(olivia, path);
  await approve(sam, path);
  await becomes(dana, path, 'Committed');
  await inspect(dana, 'removal-committed');
});
