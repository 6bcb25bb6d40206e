import { approve, ask, becomes, NamespaceForm, vote, wanted } from './line.ts';
import { inspect } from './look.ts';
import { expect, test } from './tenure.ts';

test('no page has an axe violation or scrolls sideways, light or dark, wide or narrow', async ({ as, browser, server }) => {
  test.setTimeout(1_200_000);
  const visitor = await (await browser.newContext({ baseURL: server.url })).newPage();
  await visitor.goto('/');
  await inspect(visitor, 'sign-in');
  await visitor.goto('/signed-out');
  await inspect(visitor, 'signed-out');
  await visitor.goto('/static/no-such-file');
  await inspect(visitor, 'signed-out-not-found');

  const dana = await as('Dana Developer');
  await inspect(dana, 'home-empty');
  await dana.goto('/queue');
  await inspect(dana, 'queue-empty');
  await dana.goto('/tenants/payments');
  await inspect(dana, 'tenant-empty');

  await dana.goto('/requests/new/namespace');
  const form = new NamespaceForm(dana);
  await inspect(dana, 'form-empty');
  await form.fill(wanted());
  await expect(form.plan).toContainText('approved/payments.yaml');
  await inspect(dana, 'form-with-plan');
  await form.name.fill('Payments');
  await form.purpose.fill('');
  await form.submit.click();
  await expect(dana.getByRole('alert')).toBeVisible();
  await inspect(dana, 'form-with-problems');

  const committed = await ask(dana);
  await inspect(dana, 'request-in-review-as-requester');
  const rejected = await ask(dana, wanted({ name: 'payments-batch-test', environment: 'test', size: 'medium', purpose: 'Nightly batch runs, with a name that is long enough to wrap on a telephone.' }));

  const olivia = await as('Olivia Owner');
  await inspect(olivia, 'home-with-reviews');
  await olivia.goto('/queue');
  await inspect(olivia, 'queue');
  await olivia.goto(committed);
  await inspect(olivia, 'request-in-review-as-reviewer');
  await vote(olivia, 'Approve');
  await inspect(olivia, 'request-after-own-vote');
  await olivia.goto(rejected);
  await olivia.getByRole('radio', { name: /^Reject/ }).check();
  await olivia.getByRole('button', { name: 'Submit review' }).click();
  await inspect(olivia, 'request-review-with-problem');
  await vote(olivia, 'Reject', 'There is one already.');
  await inspect(olivia, 'request-rejected');

  const sam = await as('Sam Security');
  await approve(sam, committed);
  await becomes(dana, committed, 'Committed');
  await inspect(dana, 'request-committed');
  await dana.goto('/');
  await inspect(dana, 'home');
  await dana.goto('/tenants/payments');
  await inspect(dana, 'tenant');

  await dana.goto('/rules');
  await inspect(dana, 'rules');
  await dana.goto('/try');
  await inspect(dana, 'try');
  await dana.getByLabel('Manifest').fill('apiVersion: v1\nkind: Namespace\nmetadata:\n  name: payments-other\n');
  await dana.getByRole('button', { name: 'Ask the webhook' }).click();
  await expect(dana.getByRole('region', { name: 'The verdict' })).toBeVisible();
  await inspect(dana, 'try-refused');
  await dana.getByLabel('Manifest').fill('apiVersion: v1\nkind: [');
  await dana.getByRole('button', { name: 'Ask the webhook' }).click();
  await expect(dana.getByRole('alert')).toBeVisible();
  await inspect(dana, 'try-unreadable');

  await dana.goto('/health');
  await inspect(dana, 'health');
  await dana.goto('/no-such-page');
  await inspect(dana, 'not-found');
});
