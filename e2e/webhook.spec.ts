import type { Page } from '@playwright/test';
import { parse } from 'yaml';
import { git } from './git.ts';
import { approve, ask, becomes } from './line.ts';
import { expect, test } from './tenure.ts';
import { gitopsIdentity, judge, type Manifest, post } from './webhook.ts';

const namespace: Manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments-api-dev', labels: { 'tenure.dev/tenant': 'payments' } } };

function deployment(image: string): Manifest {
  const labels = { app: 'web', 'app.kubernetes.io/name': 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'payments-api-dev', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels },
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{ name: 'web', image, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
        },
      },
    },
  };
}

test('the webhook lets in what was approved, and nothing before', async ({ as, server }) => {
  const dana = await as('Dana Developer');

  await test.step('before the approval the namespace is refused, to Argo CD and to people', async () => {
    for (const user of [gitopsIdentity, 'dana@contoso.example']) {
      const verdict = await judge(server, namespace, user);
      expect(verdict.allowed).toBe(false);
      expect(verdict.status!.message).toContain('namespace: metadata.name "payments-api-dev": nobody approved this namespace');
      expect(verdict.status!.message, 'says where to ask').toContain('/requests/new/namespace');
    }
    await tryOut(dana, namespace, gitopsIdentity, 'Denied');
    await expect(dana.getByRole('region', { name: 'The verdict' })).toContainText('nobody approved this namespace');
  });

  const path = await ask(dana);
  expect((await judge(server, namespace, gitopsIdentity)).allowed, 'asking gives nothing').toBe(false);
  await approve(await as('Olivia Owner'), path);
  expect((await judge(server, namespace, gitopsIdentity)).allowed, 'half the approvals give nothing').toBe(false);
  await approve(await as('Sam Security'), path);
  await becomes(dana, path, 'Committed');

  await test.step('after it every committed manifest is let in, from Argo CD only', async () => {
    const head = await git(server.repository, 'rev-parse', 'HEAD');
    const files = await git(server.repository, 'ls-tree', '-r', '--name-only', head, 'clusters/weu-1/payments/payments-api-dev/');
    const manifests = await Promise.all(files.split('\n').map(async (file) => parse(await git(server.repository, 'show', `${head}:${file}`)) as Manifest));
    expect(manifests.map((object) => object.kind)).toEqual(
      expect.arrayContaining(['Namespace', 'ResourceQuota', 'LimitRange', 'RoleBinding', 'NetworkPolicy']),
    );
    for (const object of manifests) {
      await expect.poll(async () => (await judge(server, object, gitopsIdentity)).allowed, `${object.kind} ${object.metadata.name}`).toBe(true);
      const verdict = await judge(server, object, 'dana@contoso.example');
      expect(verdict.allowed, `${object.kind} ${object.metadata.name} by a person`).toBe(false);
      expect(verdict.status!.message).toContain('governed: ');
    }
    const verdict = await judge(server, manifests.find((object) => object.kind === 'Namespace')!, gitopsIdentity);
    expect(Object.values(verdict.auditAnnotations!), 'names the request and the commit').toEqual(expect.arrayContaining([path.split('/').pop(), head]));
  });

  await test.step('a workload is judged by the rules, here and on the page', async () => {
    const good = deployment('contoso.azurecr.io/payments/web:1.4.2');
    const bad = deployment('docker.io/library/nginx:1.29');
    expect(await judge(server, good, 'dana@contoso.example')).toMatchObject({ allowed: true });
    const verdict = await judge(server, bad, 'dana@contoso.example');
    expect(verdict.allowed).toBe(false);
    expect(verdict.status!.message).toContain('trusted-registry: spec.template.spec.containers[0].image "docker.io/library/nginx:1.29"');

    await tryOut(dana, good, 'dana@contoso.example', 'Allowed');
    await tryOut(dana, bad, 'dana@contoso.example', 'Denied');
    await expect(dana.getByRole('region', { name: 'The verdict' })).toContainText('trusted-registry');
    await expect(dana.getByRole('region', { name: 'The verdict' })).toContainText('spec.template.spec.containers[0].image');
  });
});

for (const [what, body] of Object.entries<string | Buffer>({
  empty: '',
  truncated: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"a"',
  'of another version': '{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"a"}}',
  'without a request': '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
  'not JSON': '\u0000\u0001<xml/>',
  'over 8 MiB': Buffer.alloc((8 << 20) + 1, ' '),
})) {
  test(`an AdmissionReview that is ${what} is answered, and allows nothing`, async ({ server }) => {
    const answer = await post(server, '/validate', body).catch((error: NodeJS.ErrnoException) => {
      // The server may close the connection on a body that is too large before it was sent whole.
      if (what === 'over 8 MiB' && ['EPIPE', 'ECONNRESET'].includes(error.code!)) return { status: 413, body: '' };
      throw error;
    });
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).not.toMatch(/"allowed":\s*true/);
    expect((await judge(server, namespace, gitopsIdentity)).allowed, 'and it goes on judging').toBe(false);
  });
}

test('each example on the page gets the verdict that its title says', async ({ as }) => {
  const dana = await as('Dana Developer');
  const examples = { 'A namespace nobody approved': 'Denied', 'A privileged pod': 'Denied', 'A deployment that keeps the rules': 'Allowed' };
  const path = await ask(dana);
  await approve(await as('Olivia Owner'), path);
  await approve(await as('Sam Security'), path);
  await becomes(dana, path, 'Committed');
  for (const [title, outcome] of Object.entries(examples)) {
    await dana.goto('/try');
    await dana.getByRole('link', { name: title }).click();
    await dana.getByLabel('Cluster').selectOption('weu-1');
    await dana.getByRole('button', { name: 'Ask the webhook' }).click();
    await expect(dana.getByRole('region', { name: 'The verdict' }).locator('.pill'), title).toHaveText(outcome);
  }
});

/** tryOut asks for a verdict on the page. */
async function tryOut(page: Page, object: Manifest, user: string, outcome: string) {
  await page.goto('/try');
  await page.getByLabel('Manifest').fill(JSON.stringify(object, null, 2)); // JSON is YAML
  await page.getByLabel('Cluster').selectOption('weu-1');
  await page.getByLabel('Who would apply it').fill(user);
  await page.getByRole('button', { name: 'Ask the webhook' }).click();
  await expect(page.getByRole('region', { name: 'The verdict' }).locator('.pill')).toHaveText(outcome);
}
