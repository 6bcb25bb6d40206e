import { parse } from 'yaml';
import { numberOf } from './grants.ts';
import { commitsOf, git } from './git.ts';
import { approve, becomes, openFromQueue, settled, vote } from './line.ts';
import { inspect } from './look.ts';
import { enact } from './policies.ts';
import { tenure } from './program.ts';
import type { Server } from './server.ts';
import { askForService, catalogue, dev, line, onCall, ServiceForm } from './services.ts';
import { expect, test } from './tenure.ts';
import { gitopsIdentity, judge, type Manifest } from './webhook.ts';

const mine = 'dana@contoso.example';

/** ingress serves a host from the service's first namespace. */
function ingress(host: string, namespace = dev.name): Manifest {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace },
    spec: { ingressClassName: 'nginx', tls: [{ hosts: [host], secretName: 'tls' }], rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  };
}

/** podOf runs an image and keeps to every other rule. */
function podOf(image: string, namespace: string): Manifest {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'cache', namespace },
    spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containers: [{ name: 'cache', image, securityContext }] },
  };
}

/** manifest reads one of a namespace's manifests at the newest commit. */
async function manifest(server: Server, namespace: string, file: string) {
  return parse(await git(server.repository, 'show', `HEAD:clusters/weu-1/payments/${namespace}/${file}`));
}

test('dev, test and prod of a service are asked for, decided and committed together, with hosts, images, people and numbers', async ({ as, server }) => {
  test.setTimeout(400_000);
  await enact(as, server, catalogue);
  const dana = await as('Dana Developer');
  const path = await askForService(dana);
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('3 namespaces of payments-shop');
  const will = dana.getByRole('region', { name: 'What will be' });
  for (const sentence of [
    'Creates namespace payments-shop-dev on weu-1, in environment dev, at pod security level restricted.',
    'Lets its Ingresses and HTTPRoutes serve shop-dev.payments.example.com.',
    'Creates namespace payments-shop-prod on weu-1, in environment prod, at pod security level restricted.',
    'Gives it 3 CPU, 12Gi memory, 50Gi storage and 25 pods.',
    'the role view in each of them',
  ]) {
    await expect(will).toContainText(sentence);
  }

  for (const name of ['Olivia Owner', 'Sam Security', 'Sofia Security']) {
    const reviewer = await as(name); // prod among them asks for two of security
    await openFromQueue(reviewer, '3 namespaces of payments-shop');
    await vote(reviewer, 'Approve');
  }
  await becomes(dana, path, 'Committed');
  expect(await commitsOf(server.repository, numberOf(path)), 'one commit').toHaveLength(1);
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });

  await test.step('the manifests say so', async () => {
    for (const environment of ['dev', 'test', 'prod']) {
      const namespace = await manifest(server, `payments-shop-${environment}`, '00-namespace.yaml');
      expect(namespace.metadata.labels).toMatchObject({ 'tenure.dev/classification': 'confidential', 'tenure.dev/environment': environment });
      const files = await git(server.repository, 'ls-tree', '-r', '--name-only', 'HEAD', `clusters/weu-1/payments/payments-shop-${environment}/`);
      expect(files).toContain(`20-rolebinding-view-${onCall.slice(0, 13)}.yaml`);
    }
    expect((await manifest(server, 'payments-shop-prod', '10-resourcequota.yaml')).spec.hard).toMatchObject({ 'requests.cpu': '3', pods: '25' });
  });

  await test.step('the webhook lets in these hosts and images, each where it was approved', async () => {
    await expect.poll(async () => (await judge(server, ingress('shop-dev.payments.example.com'), mine)).allowed).toBe(true);
    for (const [object, says] of [
      [ingress('shop.payments.example.com'), 'ingress-host: spec.rules[0].host "shop.payments.example.com"'],
      [ingress('shop-dev.payments.example.com', 'payments-shop-test'), 'none is approved for payments-shop-test'],
      [podOf('quay.io/elsewhere/redis:7.2', 'payments-shop-test'), 'trusted-registry: '],
    ] as const) {
      const verdict = await judge(server, object, mine);
      expect(verdict.allowed, says).toBe(false);
      expect(verdict.status!.message).toContain(says);
    }
    expect((await judge(server, ingress('shop.payments.example.com', 'payments-shop-prod'), mine)).allowed).toBe(true);
    expect((await judge(server, podOf('docker.io/library/redis:7.2', 'payments-shop-test'), mine)).allowed).toBe(true);
    const relabelled = await manifest(server, 'payments-shop-dev', '00-namespace.yaml');
    relabelled.metadata.labels['tenure.dev/classification'] = 'internal';
    expect((await judge(server, relabelled, gitopsIdentity)).allowed, 'the class is approved as well').toBe(false);
  });

  await test.step('one more host is asked for from the denial', async () => {
    const denial = (await judge(server, ingress('basket.payments.example.com'), mine)).status!.message!;
    await dana.goto(denial.match(/https?:\S+\/requests\/new\/namespace\?\S+/)![0]);
    await expect(dana.getByRole('heading', { level: 1 })).toHaveText('Change the hosts and images of payments-shop-dev');
    await expect(dana.getByRole('textbox', { name: /^Hosts/ })).toHaveValue('shop-dev.payments.example.com\nbasket.payments.example.com');
    await expect(dana.getByRole('checkbox', { name: /^docker-official/ })).toBeChecked();
    await dana.getByLabel('Reason', { exact: true }).fill('The basket has a page of its own.');
    await expect(dana.getByRole('complementary', { name: 'The plan' })).toContainText('basket.payments.example.com');
    await dana.getByRole('button', { name: 'Submit request' }).click();
    await expect(dana).toHaveURL(/\/requests\/\d+$/);
    const more = new URL(dana.url()).pathname;
    await approve(await as('Olivia Owner'), more);
    await approve(await as('Sam Security'), more);
    await settled(dana, more);
    await expect.poll(async () => (await judge(server, ingress('basket.payments.example.com'), mine)).allowed).toBe(true);
  });

  await dana.goto('/namespaces/weu-1/payments-shop-dev');
  await expect(dana.getByRole('region', { name: 'Approved' })).toContainText('basket.payments.example.com');
  await expect(dana.getByRole('region', { name: 'Approved' })).toContainText('confidential');
  await dana.goto(`/requests/new/namespace?from=${numberOf(path)}`);
  await expect(line(new ServiceForm(dana).other(3), 'CPU'), 'all of it can be asked again').toHaveValue('3');
});

test('what is wrong with one of several is said beside its field, and nothing typed is lost', async ({ as, server }) => {
  test.setTimeout(300_000);
  await enact(as, server, catalogue);
  const dana = await as('Dana Developer');
  await dana.goto('/requests/new/namespace');
  const form = new ServiceForm(dana);
  await form.fill(dev, 'internal');
  await form.unfold();
  await form.hosts.fill('*.example.com\nshop.example.com\nshop.example.com');
  const second = await form.also('test', 2);
  await line(second, 'Name').fill('payments-shop-dev');
  await second.getByRole('radio', { name: /^Own numbers/ }).check();
  await line(second, 'CPU').fill('40');
  await line(second, 'Memory').fill('12Gi');
  await line(second, 'Storage').fill('50Gi');
  const answer = dana.waitForResponse((response) => response.request().isNavigationRequest());
  await form.submit.click();
  expect((await answer).status()).toBe(422);
  await expect(form.hosts).toHaveAccessibleDescription(/\*\.example\.com/);
  await expect(line(second, 'Name')).toHaveAccessibleDescription(/payments-shop-dev/);
  await expect(line(second, 'Pods')).toHaveAccessibleDescription(/\S/);
  await expect(dana.getByRole('alert').getByRole('link', { name: 'Name of namespace 2' })).toHaveAttribute('href', /name$/);
  await expect(form.hosts).toHaveValue('*.example.com\nshop.example.com\nshop.example.com');
  await expect(line(second, 'CPU')).toHaveValue('40');

  await form.hosts.fill('');
  await line(second, 'Name').fill('payments-shop-test');
  await line(second, 'Pods').fill('10');
  await second.getByLabel(/^Pod security/).selectOption('baseline');
  await expect(form.plan.or(second), 'together they are too much').toContainText([/ceiling/]);
  await second.getByRole('button', { name: 'Remove namespace 2' }).click();
  await expect(second).toHaveCount(0);
  await expect(form.plan).toContainText('Creates namespace payments-shop-dev on weu-1');
  await form.submit.click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('Namespace payments-shop-dev on weu-1');
});

test('several namespaces can be asked for without JavaScript', async ({ as, server }) => {
  await enact(as, server, catalogue);
  const dana = await as('Dana Developer', { javaScriptEnabled: false });
  await dana.goto('/requests/new/namespace');
  const form = new ServiceForm(dana);
  await form.fill(dev, 'internal');
  await dana.getByRole('button', { name: 'Also for test' }).click();
  await expect(form.purpose, 'what was typed stands').toHaveValue(dev.purpose);
  await form.other(2).getByLabel(/^Pod security/).selectOption('restricted');
  await dana.getByRole('button', { name: 'Also for prod' }).click();
  await form.other(3).getByRole('button', { name: 'Remove namespace 3' }).click();
  await expect(form.other(3)).toHaveCount(0);
  await form.submit.click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('2 namespaces of payments-shop');
});

test('no page about several namespaces has an axe violation or scrolls sideways, light or dark, wide or narrow', async ({ as, server }) => {
  test.setTimeout(600_000);
  await enact(as, server, catalogue);
  const dana = await as('Dana Developer');
  await dana.goto('/requests/new/namespace');
  const form = new ServiceForm(dana);
  await form.unfold();
  await form.addGroup('nobody', 'view');
  await form.also('test', 2);
  await form.submit.click();
  await expect(dana.getByRole('alert')).toBeVisible();
  await inspect(dana, 'namespaces-form-with-problems');
  const path = await askForService(dana);
  const olivia = await as('Olivia Owner');
  await olivia.goto(path);
  await inspect(olivia, 'namespaces-in-review');
  for (const name of ['Olivia Owner', 'Sam Security', 'Sofia Security']) await approve(await as(name), path);
  await becomes(dana, path, 'Committed');
  await dana.goto('/namespaces/weu-1/payments-shop-dev');
  await inspect(dana, 'namespace-with-hosts');
  await dana.getByRole('link', { name: 'Change hosts, images, classification' }).click();
  await inspect(dana, 'namespace-change-form');
});
