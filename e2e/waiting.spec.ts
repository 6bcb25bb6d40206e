import type { Page } from '@playwright/test';
import { parse } from 'yaml';
import { agreed, AccessForm, namespace, numberOf, QuotaForm } from './grants.ts';
import { commitsOf, git } from './git.ts';
import { approve, ask, becomes, stateOf, vote, wanted } from './line.ts';
import { day } from './network.ts';
import { tenure } from './program.ts';
import { expect, test } from './tenure.ts';

/** askForMore asks for more pods for a namespace that is still asked for, and gives the path of the request. */
async function askForMore(page: Page): Promise<string> {
  await page.goto('/requests/new/quota');
  const form = new QuotaForm(page);
  await form.pods.fill('25');
  await form.reason.fill('One more of each, for the test of the gateway.');
  await expect(form.plan).toContainText('pods from 20 to 25');
  await expect(form.plan).toContainText('is not approved yet');
  return form.send();
}

test('a quota for a namespace that is still in review waits for it and says so, and is committed after it', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const first = await ask(dana, wanted({ name: namespace }));
  const quota = await askForMore(dana);
  await expect(dana.getByRole('region', { name: 'What will be' })).toContainText(`Waits for request ${numberOf(first)}, which asks for the namespace`);
  await expect(dana.getByRole('list', { name: 'What to look at' }).getByRole('link')).toHaveAttribute('href', first);

  const olivia = await as('Olivia Owner');
  await approve(olivia, quota);
  await expect(async () => {
    await dana.goto(quota);
    await expect(dana.getByRole('main')).toContainText(`It waits for request ${numberOf(first)}, which asks for the namespace "${namespace}" and is in-review.`, { timeout: 100 });
  }).toPass({ timeout: 30_000 });
  await expect(stateOf(dana)).toHaveText('Approved');
  expect(await commitsOf(server.repository, numberOf(quota))).toEqual([]);

  await agreed(dana, first, olivia, await as('Sam Security'));
  await becomes(dana, quota, 'Committed');
  const [given] = await commitsOf(server.repository, numberOf(first));
  const [raised, ...more] = await commitsOf(server.repository, numberOf(quota));
  expect(more).toEqual([]);
  expect(await git(server.repository, 'rev-parse', `${raised}^`), 'one after the other').toBe(given);
  const manifest = await git(server.repository, 'show', `HEAD:clusters/weu-1/payments/${namespace}/10-resourcequota.yaml`);
  expect(parse(manifest).spec.hard.pods).toBe('25');
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
});

test('what waits goes back with the reason when the namespace comes to nothing', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const first = await ask(dana, wanted({ name: namespace }));
  const quota = await askForMore(dana);
  const olivia = await as('Olivia Owner');
  await approve(olivia, quota);
  await olivia.goto(first);
  await vote(olivia, 'Reject', 'We have one already.');
  await becomes(dana, quota, 'Changes requested');
  await expect(dana.locator('.next-reason')).toContainText(`It waited for the namespace "${namespace}", and request ${numberOf(first)} is rejected.`);
  expect(await commitsOf(server.repository, numberOf(quota))).toEqual([]);
});

test('access to a namespace that comes otherwise than it was asked for is looked at again', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const first = await ask(dana, wanted({ name: namespace, podSecurity: 'baseline' }));
  await dana.goto('/requests/new/access');
  const form = new AccessForm(dana);
  await form.choose(form.subject, 'One person');
  await form.person.selectOption('Oscar Owner (oscar@contoso.example)');
  await form.choose(form.role, 'view');
  await form.until.fill(day(5));
  await form.reason.fill('He is on call.');
  const access = await form.send();
  const olivia = await as('Olivia Owner');
  await approve(olivia, access);
  const sam = await as('Sam Security');
  await approve(olivia, first);
  await sam.goto(first);
  await vote(sam, 'Ask for changes', 'Restricted, please.');
  await dana.goto(first + '/edit');
  await dana.getByRole('radiogroup', { name: 'Pod security' }).getByRole('radio', { name: /^restricted/i }).check();
  await dana.getByRole('button', { name: 'Submit again' }).click();
  await expect(dana).toHaveURL(first);
  await agreed(dana, first, olivia, sam);
  await becomes(dana, access, 'In review');
  await expect(dana.getByRole('region', { name: 'History' })).toContainText('All votes are void; the new plan needs to be reviewed.');
  await agreed(dana, access, olivia);
  expect(await commitsOf(server.repository, numberOf(access))).toHaveLength(1);
});
