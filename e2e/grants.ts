import { type Locator, type Page, expect } from '@playwright/test';
import { approve, ask, becomes, wanted } from './line.ts';
import { day } from './network.ts';

/** namespace is where everything in these tests is given. */
export const namespace = 'payments-api-dev';

/** as signs people in; see tenure.ts. */
export type As = (name: string) => Promise<Page>;

/** People are those who take part. */
export interface People {
  dana: Page;
  olivia: Page;
  sam: Page;
}

/** furnish gives payments a namespace. */
export async function furnish(as: As): Promise<People> {
  const people = { dana: await as('Dana Developer'), olivia: await as('Olivia Owner'), sam: await as('Sam Security') };
  await agreed(people.dana, await ask(people.dana, wanted({ name: namespace })), people.olivia, people.sam);
  return people;
}

/** agreed has reviewers approve a request one after the other, and waits until it is committed. */
export async function agreed(asker: Page, path: string, ...reviewers: Page[]) {
  for (const reviewer of reviewers) await approve(reviewer, path);
  await becomes(asker, path, 'Committed');
}

/** inForce has reviewers approve what the webhook alone honours, and waits until it does. */
export async function inForce(asker: Page, path: string, ...reviewers: Page[]) {
  for (const reviewer of reviewers) await approve(reviewer, path);
  await becomes(asker, path, 'Active');
}

/** numberOf is the number of the request with this path. */
export function numberOf(path: string) {
  return path.split('/').pop()!;
}

/** Form is what the forms for requests have in common. */
export class Form {
  readonly namespace: Locator;
  readonly until: Locator;
  readonly reason: Locator;
  readonly submit: Locator;
  readonly plan: Locator;

  constructor(readonly page: Page) {
    this.namespace = page.getByLabel('Namespace', { exact: true });
    this.until = page.getByLabel(/^Until/);
    this.reason = page.getByLabel('Reason', { exact: true });
    this.submit = page.getByRole('button', { name: 'Submit request' });
    this.plan = page.getByRole('complementary', { name: 'The plan' });
  }

  /** send submits the form and gives the path of the request's page. */
  async send(): Promise<string> {
    await this.submit.click();
    await expect(this.page).toHaveURL(/\/requests\/\d+$/);
    return new URL(this.page.url()).pathname;
  }

  /** refused submits the form, which is not accepted. */
  async refused() {
    const answer = this.page.waitForResponse((response) => response.request().isNavigationRequest());
    await this.submit.click();
    expect((await answer).status()).toBe(422);
    await expect(this.page.getByRole('alert')).toBeFocused();
  }
}

/** QuotaForm finds the fields of the form for other amounts. */
export class QuotaForm extends Form {
  readonly cpu = this.page.getByLabel('CPU', { exact: true }).and(this.page.getByRole('textbox'));
  readonly memory = this.page.getByLabel('Memory', { exact: true }).and(this.page.getByRole('textbox'));
  readonly storage = this.page.getByLabel('Storage', { exact: true }).and(this.page.getByRole('textbox'));
  readonly pods = this.page.getByLabel('Pods', { exact: true }).and(this.page.getByRole('textbox'));
  readonly confirmed = this.page.getByRole('checkbox');

  /** bar is what is said beneath an amount. */
  bar(name: string) {
    return this.page.locator('.quota-bar').getByRole('list', { name, exact: true });
  }

  /** more opens the limits that few need. */
  async more() {
    await this.page.getByText('More limits').click();
  }
}

/** AccessForm finds the fields of the form for a role. */
export class AccessForm extends Form {
  readonly subject = this.page.getByRole('radiogroup', { name: 'Who gets access' });
  readonly person = this.page.getByLabel('Person', { exact: true });
  readonly group = this.page.getByLabel('Group', { exact: true });
  readonly role = this.page.getByRole('radiogroup', { name: 'Role' });

  /** choose picks a card. */
  async choose(group: Locator, name: string) {
    await group.getByRole('radio', { name: new RegExp(`^${name}`) }).check();
  }
}

/** ExemptionForm finds the fields of the form for an exemption. */
export class ExemptionForm extends Form {
  readonly rule = this.page.getByRole('radiogroup', { name: 'Rule' });
  readonly image = this.page.getByRole('textbox', { name: 'Image', exact: true });
  readonly label = this.page.getByRole('textbox', { name: 'Label', exact: true });
  readonly pods = this.page.getByLabel('Pods', { exact: true });

  async choose(name: string) {
    await this.rule.getByRole('radio', { name: new RegExp(`^${name}`) }).check();
  }
}

/** askForExemption asks to let an image through until in two days, and gives the path of the request. */
export async function askForExemption(page: Page, image = 'docker.io/library/redis:7.2'): Promise<string> {
  await page.goto('/requests/new/exemption');
  const form = new ExemptionForm(page);
  await form.namespace.selectOption(`${namespace} on weu-1`);
  await form.choose('trusted-registry');
  await form.image.fill(image);
  await form.pods.fill('app=cache');
  await form.until.fill(day(2));
  await form.reason.fill('Until the platform has a copy of it.');
  return form.send();
}
