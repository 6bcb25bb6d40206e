import { parse } from 'yaml';
import { furnish, namespace, numberOf } from './grants.ts';
import { commitsOf, git, verifyCommit } from './git.ts';
import { approve, becomes, openFromQueue, stateOf, vote } from './line.ts';
import { inspect } from './look.ts';
import { changed, PolicyForm, policyInForce, propose } from './policies.ts';
import { tenure } from './program.ts';
import type { Server } from './server.ts';
import { expect, test } from './tenure.ts';
import { judge, type Manifest } from './webhook.ts';

const mine = 'dana@contoso.example';

/** podOf runs an image and keeps to every other rule. */
function podOf(image: string): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'web', image, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
    },
  };
}

/** proves wants `tenure verify` to have nothing to object. */
async function proves(server: Server) {
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
}

test('an admin edits the policy; what follows is shown, agreed to by an admin and security, committed and enforced', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, sam } = await furnish(as);
  const ada = await as('Ada Admin');
  await ada.goto('/rules');
  await ada.getByRole('link', { name: 'Propose a change' }).click();
  await expect(ada.getByRole('heading', { level: 1 })).toHaveText('Propose another policy');
  const form = new PolicyForm(ada);
  await expect(form.editor).toContainText('apiVersion: tenure.dev/v1');

  await test.step('what is wrong is said as it is typed, with its line', async () => {
    await form.typeAtEnd('  siezs: {}');
    await expect(form.problems).toContainText(/Line \d+ .*siezs/);
    for (const key of ['Shift+Home', 'Shift+Home', 'Delete']) await ada.keyboard.press(key); // first to where the line's text begins
    await expect(form.problems).toContainText('No problem was found in the text.');
  });

  await test.step('completion offers what can stand there', async () => {
    await form.typeAtEnd('  class');
    await ada.locator('.policy-editor').getByRole('option', { name: 'classifications' }).click();
    await ada.keyboard.type('{name: internal, means: For us alone}');
    await expect(form.problems).toContainText('No problem was found in the text.');
    await expect(form.area).toHaveValue(/classifications:\n\s+- \{name: internal, means: For us alone\}/);
  });

  await form.replaceAll('mcr.microsoft.com/*', 'quay.io/contoso/*');
  await form.replaceAll('512Mi', '768Mi');
  await form.reason.fill('Images come from our own place.');
  await expect(form.plan).toContainText('The rule trusted-registry lets more images through everywhere: images adds quay.io/contoso/*, drops mcr.microsoft.com/*.');
  await expect(form.plan).toContainText('Changes 1 file of 1 namespace, of 1 tenant.');
  const path = await form.send();

  await test.step('those who decide see the difference, and what it changes for whom', async () => {
    const olivia = await as('Olivia Owner');
    expect((await olivia.goto(path))!.status(), 'no tenant’s business').toBe(404);
    expect((await olivia.goto('/requests/new/policy'))!.status()).toBe(403);
    const amir = await as('Amir Admin');
    await openFromQueue(amir, 'Policy');
    await expect(amir.getByRole('region', { name: 'What will be' })).toContainText('Images come from our own place.');
    await expect(amir.getByRole('region', { name: 'Files' })).toContainText('quay.io/contoso/*');
    const tenants = amir.getByRole('region', { name: 'What changes for tenants' });
    await tenants.getByText('payments', { exact: true }).click();
    await expect(tenants).toContainText('768Mi');
    await expect(tenants).not.toContainText('search');
    await expect(ada.locator('.why-not'), 'who asks does not decide').toContainText('You asked for this');
    await vote(amir, 'Approve');
    await openFromQueue(sam, 'Policy');
    await vote(sam, 'Approve');
  });
  await becomes(ada, path, 'Committed');

  await test.step('the commit is signed, says who decided, and proves', async () => {
    const [commit, ...more] = await commitsOf(server.repository, numberOf(path));
    expect(more).toEqual([]);
    expect(await verifyCommit(server.repository, commit!)).toMatchObject({ code: 0 });
    const message = await git(server.repository, 'log', '-1', '--format=%B', commit!);
    expect(message).toMatch(/^Tenure-Act: policy$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=admin; name=Amir Admin$/m);
    expect(message).toMatch(/^Tenure-Approved-By: .*stage=security; name=Sam Security$/m);
    const files = await git(server.repository, 'show', '--format=', '--name-only', commit!);
    expect(files.split('\n').sort()).toEqual([`clusters/weu-1/payments/${namespace}/11-limitrange.yaml`, 'policy.yaml']);
    await proves(server);
  });

  await test.step('it is in force: on the rules page, in the form, and at the webhook', async () => {
    await dana.goto('/rules');
    await expect(dana.getByRole('article', { name: 'trusted-registry' })).toContainText('quay.io/contoso/*');
    await expect(dana.getByRole('article', { name: 'trusted-registry' })).not.toContainText('mcr.microsoft.com');
    await dana.goto('/requests/new/namespace');
    await expect(dana.getByLabel('Data classification').getByRole('option', { name: /^internal/ })).toBeAttached();
    await expect.poll(async () => (await judge(server, podOf('quay.io/contoso/web:1.0'), mine)).allowed).toBe(true);
    const verdict = await judge(server, podOf('mcr.microsoft.com/dotnet/runtime:10.0'), mine);
    expect(verdict.allowed).toBe(false);
    expect(verdict.status!.message).toContain('trusted-registry: spec.containers[0].image "mcr.microsoft.com/dotnet/runtime:10.0"');
  });
});

test('a file is uploaded into the editor, where it is checked; what cannot be is refused with who uses it', async ({ as, server }) => {
  test.setTimeout(300_000);
  const { sam } = await furnish(as);
  const ada = await as('Ada Admin');
  const form = new PolicyForm(ada);
  await form.open();

  await form.upload('x'.repeat(300 << 10));
  await expect(form.fileStatus).toContainText('is larger than 256 KiB');
  await form.upload(await changed(server, (d) => d.setIn(['spec', 'environments', 'dev', 'podSecurity'], 'strict')));
  await expect(form.problems.getByRole('listitem')).toContainText([/^Line \d+ spec\.environments\.dev\.podSecurity .*"strict"/]);
  await form.problems.getByRole('link').click();
  await expect(form.editor, 'the line leads into the editor').toBeFocused();

  await form.upload(await changed(server, (d) => d.deleteIn(['spec', 'environments', 'dev'])));
  await expect(form.problems).toContainText(`weu-1/${namespace}`);
  await form.reason.fill('Nobody develops any more.');
  const answer = ada.waitForResponse((response) => response.request().isNavigationRequest());
  await form.submit.click();
  expect((await answer).status()).toBe(422);
  await expect(form.problems, 'after submitting as well').toContainText(`weu-1/${namespace}`);
  await expect(form.reason).toHaveValue('Nobody develops any more.');

  await form.upload(await changed(server, (d) => d.setIn(['spec', 'rules', 'required-label', 'mode'], 'warn')));
  await expect(form.plan).toContainText('The rule required-label goes from deny to warn everywhere.');
  await expect(form.plan).toContainText('Changes no manifest: what is on the clusters stays as it is.');
  const path = await form.send();
  await approve(await as('Amir Admin'), path);
  await approve(sam, path);
  await becomes(ada, path, 'Active'); // there is nothing to sync
  expect(parse(await policyInForce(server)).spec.rules['required-label'].mode).toBe('warn');
  await proves(server);
});

test('another policy that came into force meanwhile is shown as a difference, and nothing is lost', async ({ as, server }) => {
  test.setTimeout(300_000);
  const ada = await as('Ada Admin');
  const amir = await as('Amir Admin');
  const sam = await as('Sam Security');
  const form = new PolicyForm(ada);
  await form.open();
  await form.replaceAll('512Mi', '768Mi');
  await form.reason.fill('More memory where nothing is said.');
  await expect(form.plan).toContainText('768Mi');

  const other = await propose(amir, await changed(server, (d) => d.addIn(['spec', 'reservedNames'], 'shared-*')), 'For what all share.');
  await approve(ada, other);
  await approve(sam, other);
  await becomes(amir, other, 'Active');

  await ada.goto('/requests/new/policy?draft=1');
  await expect(form.area).toHaveValue(/768Mi/);
  await expect(ada.getByRole('region', { name: 'Another policy came into force since you began' })).toContainText('shared-*');
  await ada.getByRole('button', { name: 'Begin again from the policy in force' }).click();
  await expect(ada.getByLabel('What you typed before')).toHaveValue(/768Mi/);
  await expect(form.area).toHaveValue(/shared-\*/);
  await form.replaceAll('512Mi', '768Mi');
  await form.reason.fill('More memory where nothing is said.');
  const path = await form.send();
  await expect(ada.getByRole('region', { name: 'What will be' }), 'the other change stays').not.toContainText('shared-*');
  await amir.goto(path);
  await vote(amir, 'Ask for changes', 'A gibibyte, while you are at it.');
  await ada.goto(path);
  await ada.getByRole('link', { name: 'Change the request' }).click();
  await form.replaceAll('768Mi', '1Gi');
  await ada.getByRole('button', { name: 'Submit again' }).click();
  await expect(ada).toHaveURL(path);
  await expect(stateOf(ada)).toHaveText('In review');
  await approve(amir, path);
  await approve(sam, path);
  await becomes(ada, path, 'Active');
  expect(parse(await policyInForce(server)).spec.containerDefaults.limits.memory).toBe('1Gi');
  await proves(server);
});

test('another policy can be proposed without JavaScript, typed and as a file', async ({ as, server }) => {
  const ada = await as('Ada Admin', { javaScriptEnabled: false });
  await ada.goto('/requests/new/policy');
  const form = new PolicyForm(ada);
  await form.area.fill('apiVersion: tenure.dev/v1\nkind: Policy\n');
  await ada.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.problems.getByRole('listitem').first()).toBeVisible();
  await form.upload(await changed(server, (d) => d.setIn(['spec', 'containerDefaults', 'limits', 'memory'], '768Mi')));
  await form.reason.fill('Asked for without a script.');
  await ada.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.area).toHaveValue(/768Mi/);
  await expect(form.plan).toContainText('768Mi');
  await form.send();
  await expect(ada.getByRole('heading', { level: 1 })).toHaveText('Policy');
});

test('no page about the policy has an axe violation or scrolls sideways, light or dark, wide or narrow', async ({ as, server }) => {
  test.setTimeout(600_000);
  await furnish(as);
  const ada = await as('Ada Admin');
  const form = new PolicyForm(ada);
  await form.open();
  await inspect(ada, 'policy-form');
  await form.typeAtEnd('  siezs: {}');
  await expect(form.problems).toContainText('siezs');
  await inspect(ada, 'policy-form-with-problems');
  await form.upload(await changed(server, (d) => d.setIn(['spec', 'containerDefaults', 'limits', 'memory'], '768Mi')));
  await expect(form.plan).toContainText('768Mi');
  await inspect(ada, 'policy-form-with-plan');
  await form.reason.fill('More memory where nothing is said.');
  const path = await form.send();
  await inspect(ada, 'policy-in-review');
  const amir = await as('Amir Admin');
  await amir.goto(path);
  await amir.getByRole('region', { name: 'What changes for tenants' }).getByRole('button', { name: 'Open all' }).click();
  await inspect(amir, 'policy-review-opened');
  await vote(amir, 'Approve');
  await approve(await as('Sam Security'), path);
  await becomes(ada, path, 'Committed');
  await inspect(ada, 'policy-committed');
});
