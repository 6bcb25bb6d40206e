import { parse } from 'yaml';
import { AccessForm, agreed, furnish, namespace, numberOf, QuotaForm } from './grants.ts';
import { git } from './git.ts';
import { becomes } from './line.ts';
import { inspect } from './look.ts';
import { day, dayWords } from './network.ts';
import { tenure } from './program.ts';
import { expect, test } from './tenure.ts';

/** hoursTo is how many whole hours there are to the beginning of a day, in UTC. */
function hoursTo(date: string) {
  return Math.floor((Date.parse(date) - Date.now()) / 3_600_000);
}

test('who asked is told a week and a day before the end, extends with one click, and there is no gap', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, olivia } = await furnish(as);
  const pods = async () => parse(await git(server.repository, 'show', `HEAD:clusters/weu-1/payments/${namespace}/10-resourcequota.yaml`)).spec.hard.pods;
  await dana.goto('/requests/new/quota');
  const form = new QuotaForm(dana);
  await form.pods.fill('30');
  await form.until.fill(day(10));
  await form.reason.fill('The autumn sale.');
  const path = await form.send();
  await agreed(dana, path, olivia);
  await dana.goto('/');
  await expect(dana.getByRole('list', { name: 'What you asked for' })).toContainText('Temporary quota');
  await expect(dana.getByRole('region', { name: 'Ends soon' }), 'ten days are not soon').toHaveCount(0);

  await server.ahead('96h'); // at most six days before the end
  const week = await as('Dana Developer');
  await expect(async () => {
    await week.goto(path);
    await expect(week.getByRole('region', { name: 'History' })).toContainText('It ends in less than 7 days', { timeout: 100 });
  }).toPass({ timeout: 30_000 });
  await week.goto('/');
  await expect(week.getByRole('region', { name: 'Ends soon' })).toContainText('30 pods');
  await expect(week.getByRole('region', { name: 'Ends soon' })).toContainText('ends in');
  await inspect(week, 'home-ends-soon');

  await server.ahead(`${hoursTo(day(10)) - 12}h`); // less than a day before it
  const last = await as('Dana Developer');
  await expect(async () => {
    await last.goto(path);
    await expect(last.getByRole('region', { name: 'History' })).toContainText('It ends in less than a day', { timeout: 100 });
  }).toPass({ timeout: 30_000 });
  const told = last.getByRole('region', { name: 'History' }).getByRole('listitem').filter({ hasText: 'It ends in less than' });
  await expect(told, 'once each').toHaveCount(2);

  await last.goto('/');
  await last.getByRole('region', { name: 'Ends soon' }).getByRole('link', { name: /^Extend…/ }).click();
  const extend = new QuotaForm(last);
  await expect(extend.pods).toHaveValue('30');
  await expect(extend.reason).toHaveValue('The autumn sale.');
  const until = await extend.until.inputValue();
  expect(until > day(10), `${until} is later`).toBe(true);
  const extension = await extend.send();
  await last.goto('/');
  await expect(last.getByRole('region', { name: 'Ends soon' }).getByRole('link', { name: /^Extension asked for/ })).toHaveAttribute('href', extension);
  await agreed(last, extension, await as('Olivia Owner'));
  expect(await pods()).toBe('30');
  await last.goto('/');
  await expect(last.getByRole('region', { name: 'Ends soon' })).toHaveCount(0);

  await server.ahead('265h'); // after the first end, before the second
  const after = await as('Dana Developer');
  await becomes(after, path, 'Ended');
  expect(await pods(), 'without a gap').toBe('30');
  const written = await git(server.repository, 'log', '--format=%(trailers:key=Tenure-Act,valueonly,separator=%x2C)', 'HEAD');
  expect(written.split('\n').filter((act) => act !== '')[0], 'nothing was taken away in between').toBe('grant');
  await after.goto(`/namespaces/weu-1/${namespace}`);
  await expect(after.getByRole('list', { name: 'Temporary increase' }).getByRole('link', { name: `Request ${numberOf(extension)}` })).toBeVisible();
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
});

test('an end in the past and one beyond the longest are refused beside the field', async ({ as }) => {
  const { dana } = await furnish(as);
  await dana.goto('/requests/new/access');
  const form = new AccessForm(dana);
  await form.choose(form.subject, 'One person');
  await form.person.selectOption('Oscar Owner (oscar@contoso.example)');
  await form.choose(form.role, 'view');
  await form.reason.fill('He is on call.');
  for (const [until, message] of [[day(-1), /in the past|has passed|later than/i], [day(45), new RegExp(`at most 30 days`)]] as const) {
    await form.until.fill(until);
    await form.refused();
    await expect(form.until).toHaveAccessibleDescription(message);
    await expect(form.until).toHaveValue(until);
  }
  await form.until.fill(day(3));
  await expect(form.plan).toContainText(`until ${dayWords(3)} 00:00 UTC`);
});
