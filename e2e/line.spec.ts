import { approve, ask, becomes, NamespaceForm, openFromQueue, stateOf, steps, vote, wanted } from './line.ts';
import { commitsOf, git, verifyCommit } from './git.ts';
import { expect, test } from './tenure.ts';

const title = 'Namespace payments-api-dev on weu-1';

test('what a developer asks for stands, after an owner and security approved it, signed in Git and on the tenant’s page', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  await dana.getByRole('link', { name: 'Request a namespace' }).first().click();
  const form = new NamespaceForm(dana);
  await form.fill(wanted());
  await expect(form.plan, 'the plan appears as the form is filled in').toContainText('payments-api-dev');
  await expect(form.plan).toContainText('approved/payments.yaml');
  await form.submit.click();
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  const path = new URL(dana.url()).pathname;
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(title);

  const olivia = await as('Olivia Owner');
  await openFromQueue(olivia, title);
  await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText('payments-api-dev');
  await expect(olivia.getByRole('region', { name: 'Files' })).toContainText('clusters/weu-1/payments/payments-api-dev/');
  await vote(olivia, 'Approve');
  await expect(olivia.locator('#next')).toContainText('security');

  const sam = await as('Sam Security');
  await openFromQueue(sam, title);
  await vote(sam, 'Approve', 'Small, and restricted.');

  await becomes(dana, path, 'Committed');
  const head = await git(server.repository, 'rev-parse', 'HEAD');
  await expect(steps(dana)).toContainText('Olivia Owner');
  await expect(steps(dana)).toContainText('Sam Security');
  await expect(steps(dana).locator(`code[title="${head}"]`)).toBeVisible();
  await dana.goto('/tenants/payments');
  await expect(dana.getByRole('row', { name: /payments-api-dev/ })).toContainText('weu-1');

  await test.step('the commit is signed, and says who decided', async () => {
    expect(await commitsOf(server.repository, path.split('/').pop()!)).toEqual([head]);
    expect(await verifyCommit(server.repository, head)).toMatchObject({ code: 0, output: expect.stringContaining('Good signature') });
    const message = await git(server.repository, 'log', '-1', '--format=%(trailers:only,unfold)', head);
    expect(message).toMatch(/^Tenure-Act: grant$/m);
    expect(message).toMatch(/^Tenure-Requested-By: .*name=Dana Developer$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=owner; name=Olivia Owner$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=security; name=Sam Security$/m);
    expect(message).toMatch(/^Tenure-Stages: owner=1 security=1$/m);
    expect(message).toMatch(/^Tenure-Plan: sha256:[0-9a-f]{64}$/m);
    expect(message).toMatch(/^Tenure-Audit-Head: sha256:[0-9a-f]{64}$/m);
    const files = await git(server.repository, 'show', '--name-only', '--format=', head);
    expect(files.split('\n')).toContain('approved/payments.yaml');
    expect(files).toMatch(/^clusters\/weu-1\/payments\/payments-api-dev\/.*\.yaml$/m);
  });
});

test('another tenant’s people see nothing of a request', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  const max = await as('Max Member');
  expect((await max.goto(path))!.status()).toBe(404);
  expect((await max.goto('/tenants/payments'))!.status()).toBe(404);
  await max.goto('/queue');
  await expect(max.getByRole('main')).not.toContainText('payments');
});

test('an owner cannot review what the owner asked for: the page says why, and a form sent by hand is refused', async ({ as }) => {
  const olivia = await as('Olivia Owner');
  const path = await ask(olivia);
  await expect(olivia.getByRole('region', { name: 'Your review' })).toHaveCount(0);
  await expect(olivia.getByRole('button', { name: 'Submit review' })).toHaveCount(0);
  await expect(olivia.locator('.why-not')).toHaveText('You asked for this, so somebody else has to review it.');

  // The form that another owner gets, with its digest, sent in Olivia's name.
  const oscar = await as('Oscar Owner');
  await oscar.goto(path);
  const review = oscar.getByRole('region', { name: 'Your review' }).locator('form');
  const action = (await review.getAttribute('action'))!;
  const digest = await review.locator('input[name=digest]').inputValue();
  const status = await olivia.evaluate(
    async ({ action, digest }) => (await fetch(action, { method: 'POST', body: new URLSearchParams({ digest, vote: 'approve', reason: '' }) })).status,
    { action, digest },
  );
  expect(status).toBe(403);

  await olivia.goto(path);
  await expect(stateOf(olivia)).toHaveText('In review');
  await expect(olivia.getByRole('region', { name: 'Who must review' })).not.toContainText('Olivia');
});

test('somebody without the role cannot review, not even by hand', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  const sam = await as('Sam Security'); // it waits for an owner first
  await sam.goto(path);
  await expect(sam.getByRole('region', { name: 'Your review' })).toHaveCount(0);
  await expect(sam.locator('.why-not')).toContainText('an owner of payments');
  const status = await sam.evaluate(
    async (action) => (await fetch(action, { method: 'POST', body: new URLSearchParams({ digest: 'sha256:00', vote: 'approve' }) })).status,
    path + '/review',
  );
  expect(status).toBe(403);
});

test('a rejection shows its reason to the person who asked, and commits nothing', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  const before = await git(server.repository, 'rev-parse', 'HEAD');
  const olivia = await as('Olivia Owner');
  await olivia.goto(path);

  await test.step('a rejection without a reason is asked for one', async () => {
    const panel = olivia.getByRole('region', { name: 'Your review' });
    await panel.getByRole('radio', { name: /^Reject/ }).check();
    await panel.getByRole('button', { name: 'Submit review' }).click();
    await expect(panel.getByLabel('Reason')).toHaveAccessibleDescription(/Say why/);
    await expect(panel.getByRole('radio', { name: /^Reject/ })).toBeChecked();
  });

  await vote(olivia, 'Reject', 'We have payments-api-test for this; use it.');
  await dana.goto(path);
  await expect(stateOf(dana)).toHaveText('Rejected');
  await expect(dana.locator('.next-reason')).toHaveText('We have payments-api-test for this; use it.');
  await dana.goto('/');
  await expect(dana.getByRole('list', { name: 'What you asked for' })).toContainText('Rejected');
  expect(await git(server.repository, 'rev-parse', 'HEAD')).toBe(before);
});

test('a vote on a plan that has changed is not counted', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  const olivia = await as('Olivia Owner');
  await approve(olivia, path);
  const sam = await as('Sam Security');
  await sam.goto(path);
  await sam.locator('input[name=digest]').evaluate((input: HTMLInputElement) => (input.value = 'sha256:' + '0'.repeat(64)));
  const panel = sam.getByRole('region', { name: 'Your review' });
  await panel.getByRole('radio', { name: /^Approve/ }).check();
  const answer = sam.waitForResponse((response) => response.request().method() === 'POST');
  await panel.getByRole('button', { name: 'Submit review' }).click();
  expect((await answer).status()).toBe(409);
  await expect(sam.getByRole('main')).toContainText('The plan has changed since you opened this page.');
  await dana.goto(path);
  await expect(stateOf(dana)).toHaveText('In review');
});

test('what a reviewer wants changed is changed, and every vote before it is void', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana, wanted({ size: 'large' }));
  await approve(await as('Olivia Owner'), path);
  const sam = await as('Sam Security');
  await sam.goto(path);
  await vote(sam, 'Ask for changes', 'Begin with a small one.');

  await dana.goto(path);
  await expect(stateOf(dana)).toHaveText('Changes requested');
  await expect(dana.locator('.next-reason')).toHaveText('Begin with a small one.');
  await dana.getByRole('link', { name: 'Change the request' }).click();
  const form = new NamespaceForm(dana);
  await expect(form.choice(form.size, 'large'), 'what was asked for stands in the form').toBeChecked();
  await form.choice(form.size, 'small').check();
  await dana.getByRole('button', { name: 'Submit again' }).click();

  await expect(dana).toHaveURL(path);
  await expect(stateOf(dana)).toHaveText('In review');
  await expect(dana.locator('#next')).toHaveText('Waiting for the owners of payments: 0 of 1 approval.');
});
