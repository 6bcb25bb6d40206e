import type { Page } from '@playwright/test';
import { ask, NamespaceForm, vote, wanted } from './line.ts';
import { expect, signIn, test } from './tenure.ts';

const want = wanted({ name: 'payments-draft-dev', environment: 'test', size: 'medium', purpose: 'Not thought through yet,\nbut worth keeping.' });

/** offer is what a form says of what was typed into it before. */
function offer(page: Page) {
  return page.getByRole('region', { name: 'Your draft' });
}

/** typed fills in the form and does not send it; what is shown of the plan has been kept. */
async function typed(page: Page): Promise<NamespaceForm> {
  await page.goto('/requests/new/namespace');
  const form = new NamespaceForm(page);
  await form.fill(want);
  await expect(form.plan).toContainText('worth keeping');
  return form;
}

/** signOut leaves by the menu, and comes back to sign in. */
async function signOut(page: Page) {
  await page.locator('.menu summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).click();
}

test('what was typed is kept over a sign-out, offered to nobody else, and gone on with', async ({ as }) => {
  const dana = await as('Dana Developer');
  await typed(dana);
  await signOut(dana);
  await signIn(dana, 'Dana Developer');

  const olivia = await as('Olivia Owner');
  await olivia.goto('/requests/new/namespace');
  await expect(new NamespaceForm(olivia).submit).toBeVisible();
  await expect(offer(olivia)).toHaveCount(0);

  await dana.goto('/requests/new/quota');
  await expect(offer(dana), 'it belongs to its own form').toHaveCount(0);
  await dana.goto('/requests/new/namespace');
  const form = new NamespaceForm(dana);
  await expect(form.name, 'the form itself begins empty').toHaveValue('');
  await offer(dana).getByRole('link', { name: 'Go on with it' }).click();
  await expect(form.name).toHaveValue(want.name);
  await expect(form.choice(form.environment, want.environment)).toBeChecked();
  await expect(form.choice(form.size, want.size)).toBeChecked();
  await expect(form.choice(form.podSecurity, want.podSecurity)).toBeChecked();
  await expect(form.cluster).toHaveValue(want.cluster);
  await expect(form.purpose).toHaveValue(want.purpose);
  await expect(form.plan, 'with its plan').toContainText(want.name);
  await form.submit.click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`Namespace ${want.name} on weu-1`);
  await dana.goto('/requests/new/namespace');
  await expect(offer(dana), 'what was sent is no draft').toHaveCount(0);
});

test('a draft that is not wanted is discarded, and stays gone', async ({ as }) => {
  const dana = await as('Dana Developer');
  await typed(dana);
  await dana.goto('/requests/new/namespace');
  await offer(dana).getByRole('button', { name: 'Discard it' }).click();
  await expect(dana).toHaveURL(/\/requests\/new\/namespace$/);
  await expect(offer(dana)).toHaveCount(0);
  await dana.goto('/requests/new/namespace?draft=1');
  await expect(new NamespaceForm(dana).name).toHaveValue('');
});

test('a form that a link fills in says nothing of a draft, and what was half typed is kept as it stands', async ({ as }) => {
  const dana = await as('Dana Developer');
  const form = await typed(dana);
  const kept = dana.waitForResponse((response) => response.url().endsWith('/requests/preview'));
  await form.name.fill('Payments Draft');
  await kept;
  await dana.goto('/requests/new/namespace?name=payments-linked-dev');
  await expect(offer(dana)).toHaveCount(0);
  await expect(form.name).toHaveValue('payments-linked-dev');
  await dana.goto('/requests/new/namespace');
  await offer(dana).getByRole('link', { name: 'Go on with it' }).click();
  await expect(form.name).toHaveValue('Payments Draft');
  await expect(form.purpose).toHaveValue(want.purpose);
});

test('a request that is changed after review leaves the draft of another alone', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  await typed(dana);
  const olivia = await as('Olivia Owner');
  await olivia.goto(path);
  await vote(olivia, 'Ask for changes', 'Begin with a small one.');
  await dana.goto(path + '/edit');
  const form = new NamespaceForm(dana);
  await form.purpose.fill('Said more clearly.');
  await expect(form.plan).toContainText('Said more clearly.');
  await dana.getByRole('button', { name: 'Submit again' }).click();
  await expect(dana).toHaveURL(path);
  await dana.goto('/requests/new/namespace');
  await offer(dana).getByRole('link', { name: 'Go on with it' }).click();
  await expect(form.name).toHaveValue(want.name);
});
