import { approve, ask, becomes, NamespaceForm, openFromQueue, vote, wanted } from './line.ts';
import { expect, signInButton, test } from './tenure.ts';

const withoutJavaScript = { javaScriptEnabled: false };

test('the line works without JavaScript', async ({ as }) => {
  const dana = await as('Dana Developer', withoutJavaScript);
  await dana.goto('/requests/new/namespace');
  const form = new NamespaceForm(dana);

  await test.step('the plan is one button away, and keeps what was typed', async () => {
    await form.fill(wanted());
    await dana.getByRole('button', { name: 'Show the plan' }).click();
    await expect(form.plan).toContainText('approved/payments.yaml');
    await expect(form.name).toHaveValue('payments-api-dev');
  });
  await test.step('a mistake is said beside its field', async () => {
    await form.name.fill('search-api-dev');
    await form.submit.click();
    await expect(form.name).toHaveAccessibleDescription(/start with "payments-"/);
  });

  const path = await ask(dana);
  const olivia = await as('Olivia Owner', withoutJavaScript);
  await openFromQueue(olivia, 'Namespace payments-api-dev on weu-1');
  await vote(olivia, 'Approve');
  await approve(await as('Sam Security', withoutJavaScript), path);
  await becomes(dana, path, 'Committed');
  await dana.goto('/tenants/payments');
  await expect(dana.getByRole('row', { name: /payments-api-dev/ })).toBeVisible();
  await dana.locator('summary').filter({ hasText: 'Dana' }).click();
  await dana.getByRole('button', { name: 'Sign out' }).click();
  await dana.goto('/');
  await expect(signInButton(dana, 'Olivia Owner')).toBeVisible();
});
