import { type Document } from 'yaml';
import { type Locator, type Page, expect } from '@playwright/test';
import { NamespaceForm, type Wanted, wanted } from './line.ts';

/** catalogue puts classes of data and a catalogue of registries into a policy. */
export function catalogue(document: Document) {
  document.setIn(['spec', 'classifications'], [
    { name: 'internal', means: 'For everybody in the company.' },
    { name: 'confidential', means: 'For those who need it.' },
  ]);
  document.setIn(['spec', 'registries'], { 'docker-official': { images: ['docker.io/library/*'], means: 'Images that Docker looks after.' } });
}

/** onCall is the group of payments' people who are on call. */
export const onCall = 'a3a3a3a3-0000-4000-8000-0000000000a3';

/** dev is the first namespace of the service, in which a test asks for the others. */
export const dev = wanted({ name: 'payments-shop-dev', purpose: 'The shop’s checkout.' });

/** ServiceForm finds what the form for a namespace has beyond the first one's fields. */
export class ServiceForm extends NamespaceForm {
  readonly classification: Locator;
  readonly hosts: Locator;
  readonly registries: Locator;

  constructor(page: Page) {
    super(page);
    this.classification = page.getByLabel('Data classification');
    this.hosts = page.getByRole('textbox', { name: /^Hosts/ }).first();
    this.registries = page.getByRole('group', { name: 'Images of other registries' });
  }

  /** fill fills in what everybody has to say; without a catalogue there is no class to choose. */
  override async fill(want: Wanted, classification = '') {
    await super.fill(want);
    if (classification !== '') await this.classification.selectOption(classification);
  }

  /** unfold shows the fields that few need. */
  async unfold() {
    await this.page.getByText(/^Hosts for ingress/).click();
  }

  /** group is the fields of a group that is given a role, counted from 1. */
  group(number: number) {
    return this.page.getByRole('group', { name: `Group ${number}`, exact: true });
  }

  /** other is the fields of a further namespace: the second is 2. */
  other(number: number) {
    return this.page.getByRole('group', { name: `Namespace ${number}`, exact: true });
  }

  /** addGroup asks for a role for a group in all of them. */
  async addGroup(group: string, role: string) {
    await this.page.getByRole('button', { name: 'Add a group' }).click();
    await this.group(1).getByLabel('Group', { exact: true }).fill(group);
    await this.group(1).getByLabel('Role', { exact: true }).selectOption(role);
  }

  /** also adds a namespace for an environment and gives its fields. */
  async also(environment: string, number: number): Promise<Locator> {
    await this.page.getByRole('button', { name: `Also for ${environment}` }).click();
    await expect(this.other(number).getByLabel('Name', { exact: true }), 'it has the focus').toBeFocused();
    return this.other(number);
  }
}

/** line finds a field of one line among the fields of a namespace. */
export function line(fields: Locator, label: string) {
  return fields.getByRole('textbox', { name: label, exact: true });
}

/** Service is what a test asks dev, test and prod of. */
export interface Service {
  tenant: string;
  /** name is how the namespaces' names begin. */
  name: string;
  /** hosts are those of dev and of prod. */
  hosts: { dev: string; prod: string };
  /** catalogue says that the policy has classes and registries, of which this has some. */
  catalogue: boolean;
}

/** shop is a service of payments, with everything that can be asked for. */
export const shop: Service = {
  tenant: 'payments', name: 'payments-shop', hosts: { dev: 'shop-dev.payments.example.com', prod: 'shop.payments.example.com' }, catalogue: true,
};

/** askForService asks for dev, test and prod of one service, prod with numbers of its own, and gives the path of the request. */
export async function askForService(page: Page, service: Service = shop): Promise<string> {
  await page.goto('/requests/new/namespace?' + new URLSearchParams({ tenant: service.tenant }));
  const form = new ServiceForm(page);
  await form.fill({ ...dev, tenant: service.tenant, name: `${service.name}-dev` }, service.catalogue ? 'confidential' : '');
  await form.unfold();
  await form.hosts.fill(service.hosts.dev);
  if (service.catalogue) {
    await form.registries.getByRole('checkbox', { name: /^docker-official/ }).check();
    await form.addGroup(onCall, 'view');
  }
  for (const [number, environment] of [[2, 'test'], [3, 'prod']] as const) {
    const other = await form.also(environment, number);
    await expect(line(other, 'Name'), 'named after the first').toHaveValue(`${service.name}-${environment}`);
    await other.getByLabel(/^Pod security/).selectOption('restricted');
    await hostsOf(other).fill(environment === 'prod' ? service.hosts.prod : '');
  }
  const prod = form.other(3);
  await prod.getByRole('radio', { name: /^Own numbers/ }).check();
  for (const [label, value] of Object.entries({ CPU: '3', Memory: '12Gi', Storage: '50Gi', Pods: '25' })) await line(prod, label).fill(value);
  await form.submit.click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  return new URL(page.url()).pathname;
}

/** hostsOf finds the field for the hosts of a namespace. */
function hostsOf(fields: Locator): Locator {
  return fields.getByRole('textbox', { name: /^Hosts/ });
}
