import { type Page, expect } from '@playwright/test';
import { Form } from './grants.ts';

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
export class TenantForm extends Form {
  readonly tenant = this.line('Short name');
  readonly displayName = this.line('Name');
  readonly contact = this.line('Contact');
  readonly costCentre = this.line('Cost centre');
  readonly owners = this.line("Owners' group");
  readonly members = this.line("Members' group");
  readonly cpu = this.line('CPU');
  readonly memory = this.line('Memory');
  readonly storage = this.line('Storage');
  readonly namespaces = this.line('Namespaces');
  readonly clusters = this.page.getByRole('group', { name: 'Clusters' });
  readonly repositories = this.page.getByRole('textbox', { name: /^Deploy repositories/ });

  private line(label: string) {
    return this.page.getByRole('textbox', { name: label, exact: true });
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
