import { AccessForm, agreed, askForExemption, ExemptionForm, furnish, inForce, namespace, QuotaForm } from './grants.ts';
import { approve, ask, becomes, NamespaceForm, vote, wanted } from './line.ts';
import { inspect } from './look.ts';
import { day } from './network.ts';
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

test('no page about quotas, access and exemptions has an axe violation or scrolls sideways', async ({ as }) => {
  test.setTimeout(1_200_000);
  const { dana, olivia, sam } = await furnish(as);
  await dana.goto('/requests/new');
  await inspect(dana, 'kinds');
  await dana.goto('/requests/new/end');
  await inspect(dana, 'end-choice');

  await dana.goto('/requests/new/quota');
  const quota = new QuotaForm(dana);
  await quota.more();
  await quota.cpu.fill('4');
  await quota.memory.fill('1.5 TB');
  await expect(quota.memory).toHaveAccessibleDescription(/did you mean/);
  await inspect(dana, 'quota-with-problem');
  await quota.memory.fill('16Gi');
  await quota.until.fill(day(3));
  await quota.reason.fill('A load test, for which the usual amounts are too small.');
  await expect(quota.plan).toContainText('CPU from 2 to 4');
  await inspect(dana, 'quota-with-plan');
  const raise = await quota.send();
  await inspect(dana, 'quota-request');
  await agreed(dana, raise, olivia);

  await dana.goto('/requests/new/access');
  const access = new AccessForm(dana);
  await access.choose(access.subject, 'One person');
  await access.person.selectOption('Dana Developer (dana@contoso.example)');
  await access.choose(access.role, 'admin');
  await access.until.fill(day(3));
  await access.reason.fill('An incident.');
  await expect(access.plan).toContainText('With it they may');
  await inspect(dana, 'access-with-plan');
  await agreed(dana, await access.send(), olivia);

  await dana.goto('/requests/new/exemption');
  const exemption = new ExemptionForm(dana);
  await inspect(dana, 'exemption-empty');
  await exemption.choose('trusted-registry');
  await exemption.refused();
  await inspect(dana, 'exemption-with-problems');
  await dana.goto('/requests/new/network');
  const typed = dana.waitForResponse((answer) => answer.url().endsWith('/requests/preview'));
  await dana.getByLabel('Reason', { exact: true }).fill('Half a thought.');
  await typed;
  await dana.goto('/requests/new/network');
  await expect(dana.getByRole('link', { name: 'Go on with it' })).toBeVisible();
  await inspect(dana, 'draft-offer');
  const path = await askForExemption(dana);
  await inspect(dana, 'exemption-request');
  await inForce(dana, path, olivia, sam);
  await inspect(dana, 'exemption-in-force');
  await dana.getByRole('link', { name: 'End it now' }).click();
  await inspect(dana, 'exemption-end');

  await dana.goto('/');
  await inspect(dana, 'home-ending');
  await dana.goto('/tenants/payments');
  await inspect(dana, 'tenant-with-grants');
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await dana.getByText(/exactly as committed/).click();
  await inspect(dana, 'namespace-with-grants');
});
