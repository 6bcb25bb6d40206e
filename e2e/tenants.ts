import { type Locator, type Page, expect } from '@playwright/test';

/** Team is what somebody types into the form for a tenant. */
export interface Team {
  tenant: string;
  displayName: string;
  contact: string;
  costCentre: string;
  /** owners and members are names of groups, or object ids. */
  owners: string;
  members: string;
  cpu: string;
  memory: string;
  storage: string;
  namespaces: string;
  clusters: string[];
  repositories: string;
  reason: string;
}

/** orders is the team of Nina and Noah, which has no tenant, but for what the test changes. */
export function orders(changes: Partial<Team> = {}): Team {
  return {
    tenant: 'orders',
    displayName: 'Orders',
    contact: 'orders@contoso.example',
    costCentre: 'CC-4711',
    owners: 'orders-owners',
    members: 'orders-members',
    cpu: '16',
    memory: '64Gi',
    storage: '500Gi',
    namespaces: '6',
    clusters: ['weu-1'],
    repositories: 'https://git.contoso.example/orders/deploy',
    reason: 'The shop’s orders move here from their own machines.',
    ...changes,
  };
}

/** TenantForm finds the fields of the form for a tenant by what people read beside them. */
export class TenantForm {
  readonly tenant: Locator;
  readonly displayName: Locator;
  readonly contact: Locator;
  readonly costCentre: Locator;
  readonly owners: Locator;
  readonly members: Locator;
  readonly cpu: Locator;
  readonly memory: Locator;
  readonly storage: Locator;
  readonly namespaces: Locator;
  readonly clusters: Locator;
  readonly repositories: Locator;
  readonly reason: Locator;
  readonly submit: Locator;
  readonly plan: Locator;

  constructor(readonly page: Page) {
    const line = (label: string) => page.getByRole('textbox', { name: label, exact: true });
    this.tenant = line('Short name');
    this.displayName = line('Name');
    this.contact = line('Contact');
    this.costCentre = line('Cost centre');
    this.owners = line("Owners' group");
    this.members = line("Members' group");
    this.cpu = line('CPU');
    this.memory = line('Memory');
    this.storage = line('Storage');
    this.namespaces = line('Namespaces');
    this.clusters = page.getByRole('group', { name: 'Clusters' });
    this.repositories = page.getByRole('textbox', { name: /^Deploy repositories/ });
    this.reason = line('Reason');
    this.submit = page.getByRole('button', { name: 'Submit request' });
    this.plan = page.getByRole('complementary', { name: 'The plan' });
  }

  async fill(team: Team) {
    for (const field of ['tenant', 'displayName', 'contact', 'costCentre', 'cpu', 'memory', 'storage', 'namespaces', 'repositories', 'reason'] as const) {
      await this[field].fill(team[field]);
    }
    for (const cluster of team.clusters) {
      await this.clusters.getByRole('checkbox', { name: new RegExp(`^${cluster}`) }).check();
    }
    await this.owners.fill(team.owners);
    await this.members.fill(team.members);
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

/** askForTenant goes through the form and gives the path of the request's page. */
export async function askForTenant(page: Page, team: Team = orders()): Promise<string> {
  await page.goto('/requests/new/tenant');
  const form = new TenantForm(page);
  await form.fill(team);
  return form.send();
}

/** askForLeaving asks for the removal of a tenant and gives the path of the request's page. */
export async function askForLeaving(page: Page, tenant = 'orders'): Promise<string> {
  await page.goto(`/tenants/${tenant}`);
  await page.getByRole('link', { name: 'Remove tenant…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Request the removal of tenant ${tenant}`);
  await page.getByLabel('Short name of the tenant').fill(tenant);
  await page.getByLabel('Reason').fill('The team has moved on.');
  await page.getByRole('button', { name: 'Submit request' }).click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  return new URL(page.url()).pathname;
}
