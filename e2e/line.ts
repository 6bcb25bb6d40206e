import { type Locator, type Page, expect } from '@playwright/test';

/** Wanted is what somebody types into the form for a namespace. */
export interface Wanted {
  tenant: string;
  name: string;
  environment: string;
  cluster: string;
  size: string;
  podSecurity: string;
  purpose: string;
}

/** wanted is a request that nothing is wrong with, but for what the test changes. */
export function wanted(changes: Partial<Wanted> = {}): Wanted {
  return {
    tenant: 'payments',
    name: 'payments-api-dev',
    environment: 'dev',
    cluster: 'weu-1',
    size: 'small',
    podSecurity: 'restricted',
    purpose: 'The payment API, for its developers to try.',
    ...changes,
  };
}

/** NamespaceForm finds the fields of the form for a namespace by what people read beside them. */
export class NamespaceForm {
  readonly tenant: Locator;
  readonly name: Locator;
  readonly environment: Locator;
  readonly cluster: Locator;
  readonly size: Locator;
  readonly podSecurity: Locator;
  readonly purpose: Locator;
  readonly submit: Locator;
  readonly plan: Locator;

  constructor(readonly page: Page) {
    this.tenant = page.getByLabel('Tenant', { exact: true });
    this.name = page.getByLabel('Name', { exact: true });
    this.environment = page.getByRole('radiogroup', { name: 'Environment' });
    this.cluster = page.getByLabel('Cluster', { exact: true });
    this.size = page.getByRole('radiogroup', { name: 'Size' });
    this.podSecurity = page.getByRole('radiogroup', { name: 'Pod security' });
    this.purpose = page.getByLabel('Purpose');
    this.submit = page.getByRole('button', { name: 'Submit request' });
    this.plan = page.getByRole('complementary', { name: 'The plan' });
  }

  /** choice is one card of a group of choices. */
  choice(group: Locator, value: string) {
    return group.getByRole('radio', { name: new RegExp(`^${value}\\b`, 'i') });
  }

  async fill(want: Wanted) {
    await this.tenant.selectOption(want.tenant);
    await this.name.fill(want.name);
    await this.choice(this.environment, want.environment).check();
    await this.cluster.selectOption(want.cluster);
    await this.choice(this.size, want.size).check();
    await this.choice(this.podSecurity, want.podSecurity).check();
    await this.purpose.fill(want.purpose);
  }
}

/** ask goes through the form and gives the path of the request's page. */
export async function ask(page: Page, want: Wanted = wanted()): Promise<string> {
  await page.goto('/requests/new/namespace');
  const form = new NamespaceForm(page);
  await form.fill(want);
  await form.submit.click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  return new URL(page.url()).pathname;
}

/** openFromQueue opens a request the way a reviewer does. */
export async function openFromQueue(page: Page, title: string) {
  await page.goto('/queue');
  await page.getByRole('list', { name: 'You can review these' }).getByRole('link', { name: title }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(title);
}

/** vote gives a vote on the request whose page is open. */
export async function vote(page: Page, choice: 'Approve' | 'Ask for changes' | 'Reject', reason = '') {
  const panel = page.getByRole('region', { name: 'Your review' });
  await panel.getByRole('radio', { name: new RegExp(`^${choice}`) }).check();
  await panel.getByLabel('Reason').fill(reason);
  await panel.getByRole('button', { name: 'Submit review' }).click();
  await expect(panel).toBeHidden();
}

/** approve opens a request and votes for it. */
export async function approve(page: Page, path: string) {
  await page.goto(path);
  await vote(page, 'Approve');
}

/** steps is the list of the request's steps. */
export function steps(page: Page) {
  return page.getByRole('list', { name: 'Where the request is' });
}

/** stateOf is the word for a request's state, on its page. */
export function stateOf(page: Page) {
  return page.locator('.byline .pill');
}

/** becomes reloads a request's page until it stands in the given state. */
export async function becomes(page: Page, path: string, state: string) {
  await expect(async () => {
    await page.goto(path);
    await expect(stateOf(page)).toHaveText(state, { timeout: 100 });
  }, `request ${path} becomes ${state}`).toPass({ timeout: 90_000, intervals: [200] });
}

/** settled waits until a request is in the repository, whether or not anything of it is still to reach a cluster. */
export async function settled(page: Page, path: string) {
  await expect(async () => {
    await page.goto(path);
    await expect(stateOf(page)).toHaveText(/^(Committed|Active)$/, { timeout: 100 });
  }, `request ${path} is committed`).toPass({ timeout: 60_000, intervals: [200] });
}
