import type { Locator, Page } from '@playwright/test';
import { parse } from 'yaml';
import { approve, ask, becomes, openFromQueue, steps, vote, wanted } from './line.ts';
import { commitsOf, git, verifyCommit } from './git.ts';
import { inspect } from './look.ts';
import { askToOpen, day, dayWords, NetworkForm, opening } from './network.ts';
import { tenure } from './program.ts';
import type { Server } from './server.ts';
import { expect, test } from './tenure.ts';

const name = 'payments-api-dev';
const foreign = 'search-index-dev';
const title = `Network exception: ${name} to`;

type As = (name: string) => Promise<Page>;

/** People are those who take part in each of these tests. */
interface People {
  dana: Page;
  olivia: Page;
  sam: Page;
}

/** furnish gives payments a namespace. */
async function furnish(as: As): Promise<People> {
  const people = { dana: await as('Dana Developer'), olivia: await as('Olivia Owner'), sam: await as('Sam Security') };
  await agreed(people.dana, await ask(people.dana), people.olivia, people.sam);
  return people;
}

/** furnishSearch gives search a namespace, with the vote of its only owner. */
async function furnishSearch(as: As, sam: Page) {
  const people = { max: await as('Max Member'), sarah: await as('Sarah Owner') };
  const path = await ask(people.max, wanted({ tenant: 'search', name: foreign, purpose: 'The index of search, rebuilt at night.' }));
  await agreed(people.max, path, people.sarah, sam);
  return people;
}

/** agreed has reviewers approve a request one after the other, and waits until it is committed. */
async function agreed(asker: Page, path: string, ...reviewers: Page[]) {
  for (const reviewer of reviewers) await approve(reviewer, path);
  await becomes(asker, path, 'Committed');
}

/** picture is the drawing of what may talk to what, with its table. */
function picture(page: Page): Locator {
  return page.getByRole('region', { name: /^What may talk to what/ });
}

/** proves wants `tenure verify` to have nothing to object. */
async function proves(server: Server) {
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
}

/** manifestOf is the path of an exception's NetworkPolicy at one of its ends. */
function manifestOf(tenant: string, namespace: string, request: string, direction: 'egress' | 'ingress') {
  return `clusters/weu-1/${tenant}/${namespace}/30-networkpolicy-exception-${request}-${direction}.yaml`;
}

/** numberOf is the number of the request with this path. */
function numberOf(path: string) {
  return path.split('/').pop()!;
}

/** files lists all that is in the repository. */
async function files(server: Server) {
  return (await git(server.repository, 'ls-tree', '-r', '--name-only', 'HEAD')).split('\n');
}

/** changed lists the files that a commit changes. */
async function changed(server: Server, commit: string) {
  return (await git(server.repository, 'show', '--format=', '--name-only', commit)).split('\n');
}

test('a reviewer sees in a sentence and a picture what opens to the internet, and what is approved is in Git', async ({ as, server }) => {
  const { dana, olivia, sam } = await furnish(as);
  await dana.goto('/tenants/payments');
  await dana.getByRole('link', { name: 'Request a network exception' }).click();
  const form = new NetworkForm(dana);
  const sentence = `Opens TCP 443 from ${name} (app=api) to the internet until ${dayWords(2)}.`;
  await form.fill(opening());
  await expect(form.plan, 'the plan appears as the form is filled in').toContainText(sentence);
  const path = await form.send();
  const number = numberOf(path);
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`${title} the internet on weu-1`);

  for (const reviewer of [olivia, sam]) {
    await openFromQueue(reviewer, title);
    const plan = reviewer.getByRole('region', { name: 'What will be' });
    await expect(plan).toContainText('The card network’s gateway.');
    await expect(plan).toContainText(sentence);
    const arrow = picture(reviewer).getByRole('link', { name: `opens TCP 443 from ${name} app=api to the internet until ${dayWords(2)}` });
    await expect(arrow, 'the flow is drawn').toBeVisible();
    await expect(arrow.locator('.picture-sign'), 'with a sign, not with a colour alone').toBeVisible();
    await expect(picture(reviewer).getByRole('list', { name: 'How to read the picture' })).toContainText('opens');
    const row = picture(reviewer).getByRole('row', { name: /TCP 443/ });
    await expect(row).toContainText('opens');
    await expect(row).toContainText('the internet');
    await expect(reviewer.getByRole('list', { name: 'What to look at' })).toContainText(`Lets out to the internet: ${name} (app=api) may send to every public address.`);
    await vote(reviewer, 'Approve');
  }
  await becomes(dana, path, 'Committed');

  const head = await git(server.repository, 'rev-parse', 'HEAD');
  await expect(steps(dana).locator(`code[title="${head}"]`)).toBeVisible();
  expect(await commitsOf(server.repository, number)).toEqual([head]);
  expect(await verifyCommit(server.repository, head)).toMatchObject({ code: 0 });
  const manifest = parse(await git(server.repository, 'show', `${head}:${manifestOf('payments', name, number, 'egress')}`));
  expect(manifest).toMatchObject({
    kind: 'NetworkPolicy',
    metadata: { name: `tenure-exception-${number}-egress`, annotations: { 'tenure.dev/request': number, 'tenure.dev/until': `${day(2)}T00:00:00Z` } },
    spec: { podSelector: { matchLabels: { app: 'api' } }, policyTypes: ['Egress'] },
  });
  expect(manifest.spec.egress[0].ports).toEqual([{ protocol: 'TCP', port: 443 }]);
  expect(manifest.spec.egress[0].to[0].ipBlock.except, 'nothing private is public').toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '20.61.10.11/32']));
  await proves(server);
});

test('a flow into another tenant’s namespace needs that tenant’s owner, stands at both ends, and ends at both', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, olivia, sam } = await furnish(as);
  const { max, sarah } = await furnishSearch(as, sam);
  const path = await askToOpen(dana, opening({ peer: 'Another namespace', peerNamespace: foreign, peerPods: 'app=index', ports: 'TCP 9200' }));
  const number = numberOf(path);
  await expect(dana.getByRole('region', { name: 'What will be' })).toContainText(
    `Opens TCP 9200 from ${name} (app=api) to ${foreign} (app=index) of tenant search until ${dayWords(2)}.`,
  );
  await approve(olivia, path);

  await test.step('security is not enough without the owner of search', async () => {
    await sam.goto(path);
    await expect(sam.locator('#next')).toHaveText('Waiting for the owners of search: 0 of 1 approval.');
    await expect(sam.getByRole('region', { name: 'Your review' })).toHaveCount(0);
  });

  await test.step('neither side learns more of the other than the ends of the flow', async () => {
    await expect(dana.getByRole('main')).not.toContainText('rebuilt at night');
    await expect(dana.getByRole('region', { name: 'Files' })).not.toContainText('approved/search.yaml');
    for (const page of ['/tenants/search', `/namespaces/weu-1/${foreign}`]) {
      expect((await dana.goto(page))!.ok(), page).toBe(false);
    }
    for (const page of [path, '/tenants/payments', `/namespaces/weu-1/${name}`]) {
      expect((await max.goto(page))!.ok(), page).toBe(false);
    }
    await max.goto('/queue');
    await expect(max.getByRole('main')).not.toContainText(title);
  });

  await test.step('the owner of search finds it in her queue, and reads why she is asked', async () => {
    await openFromQueue(sarah, title);
    await expect(sarah.getByText(`This reaches ${foreign}, which is yours.`)).toBeVisible();
    await expect(sarah.getByRole('region', { name: 'Who must review' })).toContainText('because it opens a namespace of theirs');
    await expect(picture(sarah).getByRole('link', { name: new RegExp(`^opens TCP 9200 from ${name} app=api to ${foreign} app=index`) })).toBeVisible();
    await expect(sarah.getByRole('main')).not.toContainText('approved/payments.yaml');
    expect((await sarah.goto('/tenants/payments'))!.ok()).toBe(false);
  });

  await agreed(dana, path, sarah, sam);
  await test.step('one commit gives both ends', async () => {
    const [commit, ...more] = await commitsOf(server.repository, number);
    expect(more).toEqual([]);
    expect((await changed(server, commit!)).sort()).toEqual([
      'approved/payments.yaml',
      'approved/search.yaml',
      manifestOf('payments', name, number, 'egress'),
      manifestOf('search', foreign, number, 'ingress'),
    ]);
    expect(await git(server.repository, 'log', '-1', '--format=%B', commit!)).toMatch(/^Tenure-Approved-By: .*stage=peer-owner; name=Sarah Owner$/m);
    await proves(server);
  });

  await sarah.goto(`/namespaces/weu-1/${foreign}`);
  await expect(picture(sarah).getByRole('link', { name: new RegExp(`^allows TCP 9200 from ${name} .* to ${foreign} app=index`) })).toBeVisible();
  await sarah.getByRole('link', { name: `End it…: Request ${number}` }).click();
  await expect(sarah.getByRole('complementary', { name: 'The plan' })).toContainText(`Closes TCP 9200 from ${name} (app=api) to ${foreign} (app=index)`);
  await sarah.getByLabel('Reason').fill('The index moves.');
  await sarah.getByRole('button', { name: 'Submit request' }).click();
  await expect(sarah).toHaveURL(/\/requests\/\d+$/);
  const end = new URL(sarah.url()).pathname;
  await agreed(sarah, end, await as('Ada Admin'), sam); // the only owner of search asks herself
  await test.step('ending it from her side ends both', async () => {
    expect((await files(server)).filter((file) => file.includes('exception'))).toEqual([]);
    const [commit] = await commitsOf(server.repository, numberOf(end));
    expect(await changed(server, commit!)).toEqual(expect.arrayContaining(['approved/payments.yaml', 'approved/search.yaml']));
    await becomes(dana, path, 'Ended');
    await expect(dana.locator('#next')).toContainText(`Removed by request ${numberOf(end)}.`);
    await proves(server);
  });
});

test('what is allowed already is refused, and what was given ends by itself when its day comes', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, olivia, sam } = await furnish(as);
  const range = opening({ peer: 'An address range', cidr: '10.20.0.0/16', except: '10.20.7.0/24', ports: 'TCP 5432-5440', reason: 'The ledger’s databases.' });
  const path = await askToOpen(dana, range);
  await agreed(dana, path, olivia, sam);
  const number = numberOf(path);
  const manifest = manifestOf('payments', name, number, 'egress');
  expect(await files(server)).toContain(manifest);

  await test.step('a second request for a part of it opens nothing, and says so beside a field', async () => {
    await dana.goto('/requests/new/network');
    const form = new NetworkForm(dana);
    await form.fill({ ...range, cidr: '10.20.1.0/24', except: '', ports: 'TCP 5432' });
    await form.submit.click();
    await expect(dana.getByRole('alert')).toBeFocused();
    await expect(form.ports).toHaveAccessibleDescription(new RegExp(`All of this is already allowed by request ${number}, until ${day(2)}`));
    await expect(form.ports).toHaveAttribute('aria-invalid', 'true');
    await expect(form.cidr).toHaveValue('10.20.1.0/24');
  });

  await test.step('the namespace’s page and the tenant’s have it, with its end', async () => {
    await dana.goto(`/namespaces/weu-1/${name}`);
    await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`${name} has 1 network exception`);
    const row = dana.getByRole('region', { name: 'Table of network exceptions' }).getByRole('row', { name: /10\.20\.0\.0\/16/ });
    await expect(row).toContainText('without 10.20.7.0/24');
    await expect(row).toContainText('TCP 5432-5440');
    await expect(row.locator(`time[datetime^="${day(2)}T00:00"]`)).toBeVisible();
    const arrow = { name: new RegExp(`^allows TCP 5432-5440 from ${name} app=api to 10\\.20\\.0\\.0/16.* until ${dayWords(2)}$`) };
    await expect(picture(dana).getByRole('link', arrow)).toBeVisible();
    await dana.goto('/tenants/payments');
    await expect(picture(dana).getByRole('link', arrow)).toBeVisible();
    await expect(dana.getByRole('row', { name: new RegExp(name) }).first()).toContainText('1 network exception');
  });

  const granted = await git(server.repository, 'rev-parse', 'HEAD');
  await server.ahead('49h');
  await expect.poll(() => files(server), { message: 'the manifest goes', timeout: 60_000 }).not.toContain(manifest);
  await test.step('the commit says what ended and why, and proves', async () => {
    expect(await git(server.repository, 'rev-parse', 'HEAD~1')).toBe(granted);
    const message = await git(server.repository, 'log', '-1', '--format=%B');
    expect(message).toMatch(/^Tenure-Act: end$/m);
    expect(message).toMatch(new RegExp(`^Tenure-Ends: ${number}$`, 'm'));
    expect(message, 'nobody asked for it').not.toMatch(/^Tenure-Request:/m);
    expect(message).toContain(`Its end, ${dayWords(2)} 00:00 UTC, came.`);
    expect(await changed(server, 'HEAD')).toEqual(['approved/payments.yaml', manifest]);
    await proves(server);
  });

  const later = await as('Dana Developer'); // by now her session has ended
  await becomes(later, path, 'Ended');
  await expect(later.locator('#next')).toContainText(`Its end, ${dayWords(2)} 00:00 UTC, came.`);
  const head = await git(server.repository, 'rev-parse', 'HEAD');
  await expect(steps(later).locator(`code[title="${head}"]`)).toBeVisible();
  await later.goto(`/namespaces/weu-1/${name}`);
  await expect(later.getByRole('heading', { level: 1 })).toHaveText(`${name} has no exceptions`);
});

test('what nobody may reach is refused beside its field, and nothing typed is lost', async ({ as }) => {
  const { dana } = await furnish(as);
  await dana.goto('/requests/new/network');
  const form = new NetworkForm(dana);
  const refusals: [Partial<Parameters<typeof opening>[0]>, keyof NetworkForm, RegExp][] = [
    [{ cidr: '169.254.169.254' }, 'cidr', /lies in 169\.254\.0\.0\/16 \(link-local addresses with the instance metadata service\), which nobody may reach/],
    [{ cidr: '20.61.10.0/24' }, 'cidr', /reaches 20\.61\.10\.11\/32 \(the API server of weu-1\), which nobody may/],
    [{ cidr: '10.240.4.0/22' }, 'cidr', /lies in 10\.240\.0\.0\/16 \(the nodes of weu-1\)/],
    [{ cidr: '0.0.0.0/0' }, 'cidr', /is every address there is, and the policy lets nobody ask for that/],
    [{ cidr: '10.20.0.0/16', ports: 'http' }, 'ports', /"http" is a named port, which cannot be asked for/],
    [{ cidr: '10.20.0.0/16', pods: 'app=' + 'x'.repeat(64) }, 'pods', /x/],
    [{ cidr: '10.20.0.0/16', except: '10.21.0.0/24' }, 'except', /"10\.21\.0\.0\/24" does not lie inside 10\.20\.0\.0\/16/],
  ];
  for (const [typed, field, why] of refusals) {
    const want = opening({ peer: 'An address range', ...typed });
    await form.fill(want);
    const answer = dana.waitForResponse((response) => response.request().isNavigationRequest());
    await form.submit.click();
    expect((await answer).status(), JSON.stringify(typed)).toBe(422);
    await expect(dana.getByRole('alert')).toBeFocused();
    const wrong = form[field] as Locator;
    await expect(wrong).toHaveAccessibleDescription(why);
    await expect(wrong).toHaveAttribute('aria-invalid', 'true');
    for (const [kept, value] of [[form.pods, want.pods], [form.cidr, want.cidr], [form.except, want.except], [form.ports, want.ports], [form.until, want.until], [form.reason, want.reason]] as const) {
      await expect(kept).toHaveValue(value);
    }
  }
  await dana.goto('/');
  await expect(dana.getByRole('main'), 'nothing was sent').not.toContainText(title);
});

/** hubble is a line as Hubble prints it, of a flow that a pod of payments tried. */
function hubble(to: object, destination: object, port: number) {
  const time = new Date(Date.now() - 3_600_000).toISOString();
  const source = { namespace: name, labels: ['k8s:app=api', `k8s:io.kubernetes.pod.namespace=${name}`], pod_name: 'api-6d5f-x2x' };
  return JSON.stringify({ flow: { time, verdict: 'DROPPED', IP: { source: '10.244.1.7', ...to }, l4: { TCP: { source_port: 41022, destination_port: port } }, source, destination, traffic_direction: 'EGRESS' }, node_name: 'aks-1', time });
}

/** observed is a small flow log: a database that is dropped again and again. */
const observed = `${hubble({ destination: '10.20.3.4' }, { labels: ['reserved:world'] }, 5432)}\n`.repeat(3);

test('what was seen and dropped is proposed, fills the form in, and is asked for like anything else', async ({ as }) => {
  const { dana, olivia } = await furnish(as);
  await dana.goto('/requests/new/network');
  await dana.getByRole('link', { name: 'Have it proposed from flow logs' }).click();
  await dana.getByRole('button', { name: 'Propose exceptions' }).click();
  await expect(dana.getByLabel('Flow log')).toHaveAccessibleDescription(/Choose the file with the flow log/);
  await dana.getByLabel('Flow log').setInputFiles({ name: 'hubble.json', mimeType: 'application/json', buffer: Buffer.from(observed) });
  await dana.getByRole('button', { name: 'Propose exceptions' }).click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText('1 exception would let through what was seen');
  const proposal = dana.getByRole('list', { name: 'Proposals' }).getByRole('listitem').first();
  await expect(proposal).toContainText('Seen 3 times, dropped 3 times.');
  await proposal.getByRole('link', { name: 'Look at it and ask' }).click();

  const form = new NetworkForm(dana);
  await expect(form.namespace.locator('option:checked')).toHaveText('payments-api-dev on weu-1');
  await expect(form.pods).toHaveValue('app=api');
  await expect(form.ports).toHaveValue('TCP 5432');
  const cidr = '10.20.3.4/32';
  await expect(form.cidr).toHaveValue(cidr);
  await expect(form.plan).toContainText(`Opens TCP 5432 from ${name} (app=api) to ${cidr}`);
  await form.reason.fill('The ledger’s database, as seen in the flow log.');
  await form.send();
  await openFromQueue(olivia, title);
  await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText(`to ${cidr} until `);
});

test('the keyboard leads through the picture of a plan, and shows where it is', async ({ as }) => {
  const { dana } = await furnish(as);
  await askToOpen(dana);
  const arrow = picture(dana).getByRole('link', { name: /^opens TCP 443/ });
  await dana.getByRole('region', { name: /^Picture/ }).focus();
  await expect(async () => {
    await dana.keyboard.press('Tab');
    await expect(arrow).toBeFocused({ timeout: 50 });
  }, 'Tab reaches the arrow').toPass();
  expect(await arrow.locator('.picture-pill').evaluate((pill) => getComputedStyle(pill).strokeWidth), 'the focus is seen').toBe('2.5px');
  await dana.keyboard.press('Enter');
  await expect(picture(dana).getByRole('row', { name: /TCP 443/ })).toBeInViewport();
});

test('no page of a network exception has an axe violation or scrolls sideways, light or dark, wide or narrow', async ({ as }) => {
  test.setTimeout(900_000);
  const { dana, olivia, sam } = await furnish(as);
  const { sarah } = await furnishSearch(as, sam);
  await dana.goto('/requests/new/network');
  await inspect(dana, 'network-form');
  const form = new NetworkForm(dana);
  await form.fill(opening({ peer: 'An address range', cidr: '169.254.169.254', pods: 'app in api', ports: 'https', reason: '' }));
  await form.submit.click();
  await expect(dana.getByRole('alert')).toBeVisible();
  await inspect(dana, 'network-form-with-problems');

  const internet = await askToOpen(dana, opening({ until: day(60) }));
  await olivia.goto(internet);
  await inspect(olivia, 'network-in-review');
  await agreed(dana, internet, olivia, sam);
  await inspect(dana, 'network-committed');
  const crossing = await askToOpen(dana, opening({ peer: 'Another namespace', peerNamespace: foreign, peerPods: 'app=index', ports: 'TCP 9200, TCP 9300-9400' }));
  await approve(olivia, crossing);
  await sarah.goto(crossing);
  await inspect(sarah, 'network-of-another-tenant');
  await agreed(dana, crossing, sarah, sam);

  await dana.goto(`/namespaces/weu-1/${name}`);
  await inspect(dana, 'network-namespace');
  await dana.getByRole('link', { name: /^End it…/ }).first().click();
  await expect(dana.getByRole('complementary', { name: 'The plan' })).toContainText('Closes');
  await inspect(dana, 'network-ending');
  await dana.goto('/tenants/payments');
  await inspect(dana, 'network-tenant');
  await sarah.goto(`/namespaces/weu-1/${foreign}`);
  await inspect(sarah, 'network-namespace-of-another');

  await dana.goto('/requests/new/network/suggest');
  await inspect(dana, 'network-suggest');
  await dana.getByLabel('Flow log').setInputFiles({ name: 'hubble.json', mimeType: 'application/json', buffer: Buffer.from(observed) });
  await dana.getByRole('button', { name: 'Propose exceptions' }).click();
  await expect(dana.getByRole('list', { name: 'Proposals' })).toBeVisible();
  await inspect(dana, 'network-suggested');
});
