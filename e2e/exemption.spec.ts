import { askForExemption, ExemptionForm, furnish, inForce, namespace, numberOf } from './grants.ts';
import { commitsOf, git } from './git.ts';
import { approve, becomes, openFromQueue, settled, vote } from './line.ts';
import { day, dayWords } from './network.ts';
import { expect, test } from './tenure.ts';

const image = 'docker.io/library/redis:7.2';

test('an image is let past a rule for some pods, by owner and security, and until its day', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, olivia, sam } = await furnish(as);
  const path = await askForExemption(dana, image);
  const sentence = `Lets ${image} past the rule trusted-registry in ${namespace} on weu-1, for pods with the labels app=cache, until ${dayWords(2)} 00:00 UTC.`;
  await expect(dana.getByRole('region', { name: 'What will be' })).toContainText(sentence);
  for (const reviewer of [olivia, sam]) {
    await openFromQueue(reviewer, `Exemption from trusted-registry in ${namespace} on weu-1`);
    await expect(reviewer.getByRole('region', { name: 'What will be' })).toContainText(sentence);
    await expect(reviewer.getByRole('list', { name: 'What to look at' })).toContainText('The rule trusted-registry does not hold for this value');
    await vote(reviewer, 'Approve');
  }
  await becomes(dana, path, 'Active'); // there is nothing to sync
  await expect(dana.locator('#next')).toHaveText('It is in force: the admission webhook honours it.');
  const [commit, ...more] = await commitsOf(server.repository, numberOf(path));
  expect(more).toEqual([]);
  expect(await git(server.repository, 'show', '--format=', '--name-only', commit!)).toBe('approved/payments.yaml');
  await dana.goto(`/namespaces/weu-1/${namespace}`);
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`${namespace} has 1 exemption`);
  await expect(dana.getByRole('list', { name: 'Exemptions' })).toContainText(image);
  await dana.goto('/tenants/payments');
  await expect(dana.getByRole('row', { name: new RegExp(namespace) }).first()).toContainText('1 exemption');
  await expect(dana.getByRole('region', { name: 'Ends soon' })).toContainText(image);

  await server.ahead('49h');
  await expect.poll(() => git(server.repository, 'show', 'HEAD:approved/payments.yaml'), { timeout: 60_000 }).not.toContain('exemptions');
  await becomes(await as('Dana Developer'), path, 'Ended');
});

test('an exemption is ended before its time', async ({ as, server }) => {
  const { dana, olivia, sam } = await furnish(as);
  const path = await askForExemption(dana, image);
  await inForce(dana, path, olivia, sam);
  await dana.getByRole('link', { name: 'End it now' }).click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`Request to end the exemption of request ${numberOf(path)}`);
  await expect(dana.getByRole('complementary', { name: 'The plan' })).toContainText(`Lets no longer through: ${image}`);
  await dana.getByLabel('Reason').fill('The platform has a copy.');
  await dana.getByRole('button', { name: 'Submit request' }).click();
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  const end = new URL(dana.url()).pathname;
  await approve(olivia, end);
  await approve(sam, end);
  await settled(dana, end);
  await expect(dana.locator('#next')).toContainText('It is over: the admission webhook no longer honours it.');
  expect(await git(server.repository, 'show', 'HEAD:approved/payments.yaml')).not.toContain('exemptions');
  await becomes(dana, path, 'Ended');
});

test('what cannot be exempted is refused beside its field, and nothing typed is lost', async ({ as }) => {
  const { dana } = await furnish(as);
  await dana.goto('/requests/new/exemption');
  const form = new ExemptionForm(dana);
  await form.choose('trusted-registry');
  await form.image.fill('redis');
  await expect(form.image, 'it is checked as typed').toHaveAccessibleDescription(/"redis" does not say which registry it comes from/);
  await form.choose('required-label');
  await expect(form.label, 'the field has the name that the rule gives it').toBeVisible();
  await form.choose('trusted-registry');
  await form.image.fill('docker.io/library/redis');
  await form.until.fill(day(90));
  await form.refused();
  await expect(form.pods).toHaveAccessibleDescription(/An exemption is never for a whole namespace/);
  await expect(form.until).toHaveAccessibleDescription(/an exemption lasts at most 30 days/);
  await expect(form.reason).toHaveAccessibleDescription(/Say in a sentence/);
  await expect(form.image).toHaveValue('docker.io/library/redis');
  await dana.goto('/requests/new/exemption?rule=governed&value=x');
  await form.refused();
  await expect(form.rule).toHaveAccessibleDescription(/These objects are the approval itself/);
});
