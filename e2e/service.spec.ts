import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenure } from './program.ts';
import { expect, signInButton, test } from './tenure.ts';

test('the server says that it lives, that it is ready, and how it is', async ({ request, server }) => {
  for (const path of ['/livez', '/readyz']) {
    expect((await request.get(server.url + path)).status(), path).toBe(200);
  }
  const metrics = await (await request.get(server.url + '/metrics')).text();
  expect(metrics).toMatch(/^# TYPE tenure_\w+ /m);
  expect(metrics).toMatch(/^go_goroutines \d+$/m);
});

test('the server says where to go and who can sign in', async ({ server }) => {
  for (const word of [`Portal       ${server.url}`, 'Dana Developer', 'Olivia Owner', 'Sam Security']) {
    await expect.poll(() => server.output()).toContain(word);
  }
});

test('the server ends on SIGTERM, having answered what it was asked', async ({ server }) => {
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
});

for (const address of ['0.0.0.0:0', '[::]:0', ':0', '192.0.2.1:0']) {
  test(`development people are not offered on ${address}`, async () => {
    const data = await mkdtemp(join(tmpdir(), 'tenure-e2e-'));
    try {
      const { code, output } = await tenure('serve', '--dev', '--data', data, '--listen', address, '--webhook-listen', '127.0.0.1:0');
      expect(code).not.toBe(0);
      expect(output).toMatch(/loopback/);
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
}

test('a visitor sees nothing before signing in', async ({ page, request, server }) => {
  for (const path of ['/', '/queue', '/tenants/payments', '/requests/1', '/try', '/health', '/requests/new/namespace']) {
    await page.goto(server.url + path);
    await expect(signInButton(page, 'Dana Developer'), path).toBeVisible();
  }
  expect((await request.post(server.url + '/requests', { form: { tenant: 'payments' } })).status()).toBe(401);
});

test('a form sent from another site is refused', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const cookies = (await dana.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const answer = await fetch(server.url + '/requests', {
    method: 'POST',
    headers: { Cookie: cookies, Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    body: new URLSearchParams({ tenant: 'payments' }),
  });
  expect(answer.status).toBe(403);
});

test('every answer carries a policy that lets no inline script run', async ({ request, server }) => {
  for (const path of ['/', '/static/favicon.svg', '/no-such-page']) {
    const policy = (await request.get(server.url + path, { maxRedirects: 0 })).headers()['content-security-policy'];
    expect(policy, path).toContain("script-src 'self'");
    expect(policy, path).not.toContain('unsafe-inline');
  }
});
