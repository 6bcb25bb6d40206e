import type { Page } from '@playwright/test';
import { ask, becomes, openFromQueue, vote, wanted } from './line.ts';
import type { Server } from './server.ts';
import { expect, test } from './tenure.ts';

/** Caller is how the API is told who asks. */
type Caller = Record<string, string>;

/** bySession asks as a person who is signed in with a browser. */
async function bySession(page: Page): Promise<Caller> {
  const cookies = await page.context().cookies();
  return { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') };
}

/** byToken asks with an access token of the development provider. */
async function byToken(server: Server, username: string): Promise<Caller> {
  const answer = await fetch(`${server.url}/dev/oidc/access-token`, { method: 'POST', body: new URLSearchParams({ username }) });
  expect(answer.status).toBe(200);
  return { Authorization: `Bearer ${((await answer.json()) as { access_token: string }).access_token}` };
}

/** call asks the API and gives the status, the headers and what came back. */
async function call(server: Server, caller: Caller, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { ...caller, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as any };
}

/** draft is the form for a namespace as the API takes it. */
function draft(changes: Parameters<typeof wanted>[0] = {}) {
  const { tenant, ...change } = wanted(changes);
  return { kind: 'namespace', tenant, change };
}

test('what is asked for as JSON is what the portal shows, and the other way round', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const session = await bySession(dana);
  const created = await call(server, session, 'POST', '/requests', draft());
  expect(created).toMatchObject({ status: 201, json: { state: 'in-review', kind: 'namespace', tenant: 'payments', change: { name: 'payments-api-dev' } } });
  expect(created.headers.get('location')).toBe(`/api/v1/requests/${created.json.id}`);
  await dana.goto(`/requests/${created.json.id}`);
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('Namespace payments-api-dev on weu-1');

  const path = await ask(dana, wanted({ name: 'payments-web-dev' }));
  const listed = await call(server, session, 'GET', '/requests?mine=true');
  expect(listed.json.requests.map((request: any) => `/requests/${request.id}`)).toEqual([path, `/requests/${created.json.id}`]);
});

test('a pipeline asks, people decide in the portal, and the pipeline sees it committed', async ({ as, server }) => {
  const pipeline = await byToken(server, 'payments-pipeline');
  expect(await call(server, pipeline, 'GET', '/me')).toMatchObject({ status: 200, json: { pipeline: true, tenants: [{ tenant: 'payments', mayAsk: true }] } });
  const plan = await call(server, pipeline, 'POST', '/plans', draft());
  expect(plan).toMatchObject({ status: 200, json: { stages: [{ role: 'owner', needed: 1 }, { role: 'security', needed: 1 }] } });
  const { json: request } = await call(server, pipeline, 'POST', '/requests', draft());
  const ballot = { vote: 'approve', digest: request.plan.digest };
  expect(await call(server, pipeline, 'POST', `/requests/${request.id}/reviews`, ballot)).toMatchObject({ status: 403, json: { type: '/problems/forbidden' } });

  const olivia = await byToken(server, 'olivia@contoso.example');
  expect(await call(server, olivia, 'POST', `/requests/${request.id}/reviews`, ballot)).toMatchObject({ status: 200, json: { waitsFor: { role: 'security' } } });
  const sam = await as('Sam Security');
  await openFromQueue(sam, 'Namespace payments-api-dev on weu-1');
  await vote(sam, 'Approve');
  await becomes(sam, `/requests/${request.id}`, 'Committed');
  const { json: committed } = await call(server, pipeline, 'GET', `/requests/${request.id}`);
  expect(committed).toMatchObject({ state: 'committed', commit: expect.stringMatching(/^[0-9a-f]{40}$/), reviews: [{ stage: 'owner' }, { stage: 'security' }] });
  const { json: namespace } = await call(server, pipeline, 'GET', '/namespaces/weu-1/payments-api-dev');
  expect(namespace).toMatchObject({ tenant: 'payments', request: request.id, quota: { cpu: expect.any(String) } });
});

test('what cannot be used comes back as a problem document that names the fields', async ({ server }) => {
  const dana = await byToken(server, 'dana@contoso.example');
  const bad = await call(server, dana, 'POST', '/requests', draft({ name: 'Bad_Name' }));
  expect(bad.headers.get('content-type')).toBe('application/problem+json');
  expect(bad).toMatchObject({ status: 422, json: { type: '/problems/invalid', status: 422, fields: [{ field: 'change.name' }] } });
  expect((await fetch(server.url + bad.json.type)).status).toBe(200);
  expect(await call(server, dana, 'POST', '/requests', { ...draft(), approved: true })).toMatchObject({ status: 422, json: { fields: [{ field: 'approved' }] } });
  expect(await call(server, dana, 'PATCH', '/requests')).toMatchObject({ status: 405, json: { type: '/problems/method' } });
});

test('another tenant’s things are not there', async ({ as, server }) => {
  const { json: request } = await call(server, await byToken(server, 'dana@contoso.example'), 'POST', '/requests', draft());
  for (const max of [await bySession(await as('Max Member')), await byToken(server, 'max@contoso.example')]) {
    for (const path of [`/requests/${request.id}`, '/tenants/payments', '/connectivity?tenant=payments']) {
      expect((await call(server, max, 'GET', path)).status, path).toBe(404);
    }
    expect((await call(server, max, 'GET', '/requests')).json).toEqual({ requests: [] });
    expect((await call(server, max, 'GET', '/tenants')).json.tenants.map((tenant: any) => tenant.name)).toEqual(['search']);
  }
});

test('who does not say who they are, and what comes from another site, is refused', async ({ as, server }) => {
  const nobody = await call(server, {}, 'GET', '/me');
  expect(nobody.status).toBe(401);
  expect(nobody.headers.get('www-authenticate')).toMatch(/^Bearer /);
  expect((await call(server, { Authorization: 'Bearer nonsense' }, 'GET', '/me')).headers.get('www-authenticate')).toContain('error="invalid_token"');
  const session = await bySession(await as('Dana Developer'));
  const evil = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
  expect(await call(server, { ...session, ...evil }, 'POST', '/requests', draft())).toMatchObject({ status: 403, json: { type: '/problems/forbidden' } });
  expect((await call(server, session, 'GET', '/requests')).json).toEqual({ requests: [] });
});

test('the document is served to whoever wants to read it', async ({ server }) => {
  const answer = await fetch(server.url + '/api/v1/openapi.json');
  const document = (await answer.json()) as any;
  expect(document).toMatchObject({ openapi: '3.0.3', paths: { '/requests': { post: { operationId: 'createRequest' } } } });
  const again = await fetch(server.url + '/api/v1/openapi.json', { headers: { 'If-None-Match': answer.headers.get('etag')! } });
  expect(again.status).toBe(304);
});
