import type { Page } from '@playwright/test';
import { stringify } from 'yaml';
import { approve } from './line.ts';
import { application, expect, isActive, isSynced, test } from './plane.ts';
import { changed, PolicyForm } from './policies.ts';
import { tenure } from './program.ts';
import { askForService, type Service } from './services.ts';
import { askForLeaving, askForTenant } from './tenants.ts';
import { deployment } from './workloads.ts';

test.use({ turnsTheClock: 'platform' }); // its policy is not the other files'

const shop: Service = { tenant: 'orders', name: 'orders-shop', hosts: { dev: 'shop-dev.orders.example.com', prod: 'shop.orders.example.com' }, catalogue: false };
const environments = ['dev', 'test', 'prod'];
const inDev = ['-n', 'orders-shop-dev'];
const foreign = deployment('cache', { image: 'quay.io/contoso/redis:7.2' });

/** ingress serves a host. */
function ingress(name: string, host: string): string {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name },
    spec: { ingressClassName: 'nginx', rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  });
}

/** askForRemoval asks for the removal of one of the service's namespaces and gives the path of the request. */
async function askForRemoval(page: Page, environment: string): Promise<string> {
  const namespace = `${shop.name}-${environment}`;
  await page.goto('/requests/new/removal?' + new URLSearchParams({ tenant: shop.tenant, cluster: 'weu-1', namespace }));
  if (environment === 'dev') {
    const contents = page.getByRole('region', { name: 'What lives there and would be lost' });
    await expect(contents, 'what the cluster says of it').toContainText(/2\s+Deployments/);
    await expect(contents).toContainText('cache, web');
    await expect(contents).toContainText(/1\s+Ingress/);
  }
  await page.getByLabel('Name of the namespace').fill(namespace);
  await page.getByLabel('Reason').fill('The shop has moved on.');
  await page.getByRole('button', { name: 'Submit request' }).click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  return new URL(page.url()).pathname;
}

test('a team comes, gets three namespaces at once, lives under another policy, and goes', async ({ as, world }) => {
  test.setTimeout(600_000);
  const { plane, server } = world;
  const [nina, noah, ada, sam] = [await as('Nina Newcomer'), await as('Noah Newcomer'), await as('Ada Admin'), await as('Sam Security')];

  await test.step('the tenant: Argo CD has its project and its Application', async () => {
    const path = await askForTenant(nina);
    await approve(ada, path);
    await isActive(nina, path);
    expect(await plane.read('appprojects.argoproj.io', 'tenant-orders', 'argocd')).toBeDefined();
    expect(await application(world, 'orders')).toBeDefined();
  });

  await test.step('three namespaces of one service, decided and synced together', async () => {
    const path = await askForService(noah, shop);
    for (const reviewer of [nina, sam, await as('Sofia Security')]) await approve(reviewer, path);
    await isActive(noah, path);
    await isSynced(world, 'orders');
    for (const environment of environments) {
      const live = await plane.read('namespace', `${shop.name}-${environment}`);
      expect(live!.metadata.labels).toMatchObject({ 'tenure.dev/tenant': 'orders', 'tenure.dev/environment': environment });
    }
    expect((await plane.read('resourcequota', 'tenure', 'orders-shop-prod'))!.spec).toMatchObject({ hard: { 'requests.cpu': '3', pods: '25' } });
    expect((await plane.kubectl('dana', ['auth', 'can-i', 'get', 'pods', ...inDev])).output, 'another tenant’s people see nothing').toContain('no');
  });

  await test.step('its members work there, and serve the hosts that were approved', async () => {
    await plane.done('noah', ['apply', ...inDev, '-f', '-'], deployment('web'));
    await plane.done('noah', ['apply', ...inDev, '-f', '-'], ingress('web', shop.hosts.dev));
    const denial = await plane.refused('noah', ['apply', ...inDev, '-f', '-'], ingress('other', shop.hosts.prod));
    expect(denial).toContain(`ingress-host: spec.rules[0].host "${shop.hosts.prod}"`);
    expect(denial, 'says where to ask').toContain('/requests/new/namespace?');
  });

  await test.step('another policy: the plan says what it would refuse, and what changes on the cluster', async () => {
    expect(await plane.refused('noah', ['apply', ...inDev, '-f', '-'], foreign)).toContain('trusted-registry');
    const form = new PolicyForm(ada);
    await form.open();
    await form.upload(await changed(server, (d) => d.setIn(['spec', 'rules', 'trusted-registry', 'images'], ['quay.io/contoso/*'])));
    await expect(form.plan.getByRole('region', { name: 'What runs now and would be refused' }).getByRole('row', { name: /Deployment web/ })).toContainText('orders-shop-dev');

    await form.upload(
      await changed(server, (d) => {
        d.addIn(['spec', 'rules', 'trusted-registry', 'images'], 'quay.io/contoso/*');
        d.setIn(['spec', 'containerDefaults', 'requests', 'cpu'], '150m');
      }),
    );
    await form.reason.fill('Images of our partner, and a little more where nothing is said.');
    await expect(form.plan).toContainText('None of what runs now would newly be refused');
    const path = await form.send();
    await expect(ada.getByRole('region', { name: 'What changes for tenants' })).toContainText('3 files of 3 namespaces');
    await approve(await as('Amir Admin'), path);
    await approve(sam, path);
    await isActive(ada, path);
    const limits = await plane.read('limitrange', 'tenure', 'orders-shop-prod');
    expect(JSON.stringify(limits!.spec)).toContain('"defaultRequest":{"cpu":"150m"');
    await plane.done('noah', ['apply', ...inDev, '-f', '-'], foreign);
  });

  await test.step('the namespaces go, and then the tenant', async () => {
    const paths: string[] = [];
    for (const environment of environments) paths.push(await askForRemoval(noah, environment));
    for (const path of paths) await approve(nina, path);
    for (const path of paths) await approve(sam, path);
    await approve(await as('Sofia Security'), paths[2]!); // prod
    for (const path of paths) await isActive(noah, path);
    for (const environment of environments) expect(await plane.read('namespace', `${shop.name}-${environment}`)).toBeUndefined();

    const path = await askForLeaving(noah);
    await approve(nina, path);
    await approve(sam, path);
    await isActive(sam, path);
    expect(await plane.read('appprojects.argoproj.io', 'tenant-orders', 'argocd')).toBeUndefined();
    expect(await plane.read('applications.argoproj.io', 'tenure-orders-weu-1', 'argocd')).toBeUndefined();
    expect((await noah.goto('/tenants/orders'))!.status()).toBe(404);
    expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
  });
});
