import { approve, ask, becomes, NamespaceForm, wanted } from './line.ts';
import { expect, test } from './tenure.ts';

test('a name that is taken says so beside the field, and nothing typed is lost', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  await approve(await as('Olivia Owner'), path);
  await approve(await as('Sam Security'), path);
  await becomes(dana, path, 'Committed');

  await dana.goto('/requests/new/namespace');
  const form = new NamespaceForm(dana);
  const want = wanted({ cluster: 'weu-1', size: 'medium', purpose: 'The same name again,\nover two lines.' });
  await form.fill(want);
  await expect(form.name, 'it is checked as typed').toHaveAccessibleDescription(/"payments-api-dev" is taken on weu-1/);

  const answer = dana.waitForResponse((response) => response.request().isNavigationRequest());
  await form.submit.click();
  expect((await answer).status()).toBe(422);
  await expect(form.name).toHaveAccessibleDescription(/"payments-api-dev" is taken on weu-1/);
  await expect(form.name).toHaveAttribute('aria-invalid', 'true');
  await expect(form.tenant).toHaveValue(want.tenant);
  await expect(form.name).toHaveValue(want.name);
  await expect(form.cluster).toHaveValue(want.cluster);
  await expect(form.choice(form.environment, want.environment)).toBeChecked();
  await expect(form.choice(form.size, want.size)).toBeChecked();
  await expect(form.choice(form.podSecurity, want.podSecurity)).toBeChecked();
  await expect(form.purpose).toHaveValue(want.purpose);
});

test('a form with every field wrong has a message beside each of them', async ({ as }) => {
  const dana = await as('Dana Developer');
  await dana.goto('/requests/new/namespace');
  // What a page cannot send is sent by hand, as the page's own form.
  await dana.locator('form[hx-post]').evaluate((form: HTMLFormElement) => {
    const wrong: Record<string, string> = {
      tenant: 'nobody', name: 'Payments_API', cluster: 'moon-1', environment: 'nowhere', size: 'giant', podSecurity: 'privileged', purpose: '',
    };
    for (const field of form.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), select, textarea')) {
      field.disabled = true;
    }
    for (const [name, value] of Object.entries(wrong)) {
      const input = Object.assign(document.createElement('input'), { type: 'hidden', name, value });
      form.append(input);
    }
  });
  const form = new NamespaceForm(dana);
  const answer = dana.waitForResponse((response) => response.request().isNavigationRequest());
  await form.submit.click();
  expect((await answer).status()).toBe(422);

  await expect(form.tenant).toHaveAccessibleDescription(/nobody/);
  await expect(form.name).toHaveAccessibleDescription(/"?P/);
  await expect(form.cluster).toHaveAccessibleDescription(/There is no cluster "moon-1"; choose neu-1 or weu-1\./);
  await expect(form.environment).toHaveAccessibleDescription(/There is no environment "nowhere"/);
  await expect(form.size).toHaveAccessibleDescription(/There is no size "giant"/);
  await expect(form.podSecurity).toHaveAccessibleDescription(/There is no pod security level "privileged"/);
  await expect(form.purpose).toHaveAccessibleDescription(/Say in a sentence/);
  await expect(form.name).toHaveValue('Payments_API');
  await expect(dana.getByRole('alert'), 'the summary says it once more and has the focus').toBeFocused();
  await expect(dana.getByRole('alert').getByRole('link')).toHaveCount(7);
});

for (const [name, message] of Object.entries({
  'Payments-API': /'P' cannot be in a name/,
  'payments-': /ends with a hyphen/,
  'kube-system': /reserved for the platform/,
  'search-api': /start with "payments-"/,
  ['payments-' + 'x'.repeat(60)]: /at most 63/,
})) {
  test(`the name ${name.slice(0, 20)} is refused while it is typed`, async ({ as }) => {
    const dana = await as('Dana Developer');
    await dana.goto('/requests/new/namespace');
    const form = new NamespaceForm(dana);
    await form.fill(wanted({ name }));
    await expect(form.name).toHaveAccessibleDescription(message);
    await form.name.fill('payments-fine');
    await expect(form.name).not.toHaveAccessibleDescription(message);
  });
}

test('somebody who has no pointing device asks for a namespace', async ({ as }) => {
  const dana = await as('Dana Developer');
  await dana.keyboard.press('Tab');
  await expect(dana.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await dana.keyboard.press('Enter');
  const tabTo = async (target: ReturnType<typeof dana.locator>) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await dana.keyboard.press('Tab');
    }
    throw new Error(`40 presses of Tab do not lead to ${target}`);
  };
  await tabTo(dana.getByRole('link', { name: 'Request a namespace' }).first());
  await dana.keyboard.press('Enter');
  await expect(dana).toHaveURL(/\/requests\/new\/namespace/);

  const form = new NamespaceForm(dana);
  await tabTo(form.name);
  await dana.keyboard.type('payments-keys-dev');
  await tabTo(form.environment.getByRole('radio').first());
  await pick(form.environment, 'dev');
  await tabTo(form.cluster);
  await dana.keyboard.type('weu-1');
  await dana.keyboard.press('Tab');
  await pick(form.size, 'small');
  await dana.keyboard.press('Tab');
  await pick(form.podSecurity, 'restricted');
  await tabTo(form.purpose);
  await dana.keyboard.type('Asked for with the keyboard.');
  await tabTo(form.submit);
  await dana.keyboard.press('Enter');
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  await expect(dana.getByRole('heading', { level: 1 })).toContainText('payments-keys-dev');

  // pick moves through a group of choices with the arrow keys.
  async function pick(group: typeof form.size, value: string) {
    const target = form.choice(group, value);
    await dana.keyboard.press('Space');
    for (let presses = 0; presses < 5 && !(await target.isChecked()); presses++) {
      await dana.keyboard.press('ArrowDown');
    }
    await expect(target).toBeChecked();
  }
});
