import { parse } from 'yaml';
import { agreed, furnish, namespace, numberOf, QuotaForm } from './grants.ts';
import { commitsOf, git } from './git.ts';
import { becomes, openFromQueue, vote } from './line.ts';
import { day, dayWords } from './network.ts';
import { tenure } from './program.ts';
import { expect, test } from './tenure.ts';

const manifest = `clusters/weu-1/payments/${namespace}/10-resourcequota.yaml`;

test('a temporary increase is shown, agreed to, committed, extended, and gone when its day comes', async ({ as, server }) => {
  test.setTimeout(400_000);
  const { dana, olivia } = await furnish(as);
  const hard = async () => parse(await git(server.repository, 'show', `HEAD:${manifest}`)).spec.hard;
  const before = await hard();
  await dana.goto('/requests/new');
  await dana.getByRole('link', { name: 'Another quota' }).click();
  const form = new QuotaForm(dana);
  await expect(form.cpu, 'it begins with what there is').toHaveValue('2');
  await expect(form.bar('CPU')).toContainText('approved 2');
  await form.cpu.fill('4');
  await form.pods.fill('30');
  await expect(form.bar('CPU'), 'the bars follow').toContainText('asked 4');
  await form.until.fill(day(2));
  await form.reason.fill('A load test.');
  const sentence = `Raises the quota of ${namespace} on weu-1, until ${dayWords(2)} 00:00 UTC: CPU from 2 to 4 and pods from 20 to 30.`;
  await expect(form.plan).toContainText(sentence);
  await expect(form.plan).toContainText('stays within half of the tenant\'s ceiling');
  const path = await form.send();

  await test.step('the owner sees what is asked, and alone decides', async () => {
    await openFromQueue(olivia, `Temporary quota of ${namespace} on weu-1`);
    await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText(sentence);
    await expect(olivia.getByRole('region', { name: 'What will be' })).toContainText('A load test.');
    await vote(olivia, 'Approve');
    await becomes(dana, path, 'Committed');
    expect(await commitsOf(server.repository, numberOf(path))).toHaveLength(1);
    expect((await hard()).pods).toBe('30');
  });

  await test.step('it ends soon, which home says with a way to extend it', async () => {
    await dana.goto('/');
    const soon = dana.getByRole('region', { name: 'Ends soon' });
    await expect(soon).toContainText('4 CPU, 30 pods');
    await soon.getByRole('link', { name: /^Extend…/ }).click();
    await expect(form.cpu).toHaveValue('4');
    await expect(form.pods).toHaveValue('30');
    await expect(form.reason).toHaveValue('A load test.');
    expect(await form.until.inputValue() > day(2), 'a later end').toBe(true);
  });

  await test.step('the namespace’s page has it', async () => {
    await dana.goto(`/namespaces/weu-1/${namespace}`);
    await expect(dana.getByRole('heading', { level: 1 })).toHaveText(`${namespace} has 1 quota increase`);
    await expect(dana.getByRole('list', { name: 'Temporary increase' })).toContainText('Lasting: 2 CPU, 8Gi memory, 20Gi storage, 20 pods.');
  });

  await server.ahead('49h');
  await expect.poll(hard, { message: 'the amounts are the lasting ones again', timeout: 60_000 }).toEqual(before);
  expect(await git(server.repository, 'log', '-1', '--format=%B')).toMatch(new RegExp(`^Tenure-Ends: ${numberOf(path)}$`, 'm'));
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
  await becomes(await as('Dana Developer'), path, 'Ended'); // by now her session has ended
});

test('amounts that cannot be are refused beside their fields, and nothing typed is lost', async ({ as }) => {
  const { dana } = await furnish(as);
  await dana.goto('/requests/new/quota');
  const form = new QuotaForm(dana);
  await form.cpu.fill('40');
  await form.memory.fill('1.5 TB');
  await form.more();
  await dana.getByLabel('Services').and(dana.getByRole('textbox')).fill('many');
  await form.reason.fill('Everything at once.');
  await form.refused();
  await expect(form.memory).toHaveAccessibleDescription(/"1\.5 TB" is not how Kubernetes writes it; did you mean "1\.5T"/);
  await expect(dana.getByLabel('Services').and(dana.getByRole('textbox'))).toHaveValue('many');
  await form.memory.fill('16Gi');
  await dana.getByLabel('Services').and(dana.getByRole('textbox')).fill('12');
  await form.refused();
  await expect(form.cpu).toHaveAccessibleDescription(/ceiling/);
  await expect(form.cpu).toHaveValue('40');
  await expect(form.reason).toHaveValue('Everything at once.');
});

test('a quota can be asked for without JavaScript', async ({ as }) => {
  const { olivia } = await furnish(as);
  const dana = await as('Dana Developer', { javaScriptEnabled: false });
  await dana.goto('/requests/new/quota');
  const form = new QuotaForm(dana);
  await form.cpu.fill('3');
  await form.reason.fill('More of it.');
  await dana.getByRole('button', { name: 'Show the plan' }).click();
  await expect(form.plan).toContainText('CPU from 2 to 3');
  await expect(form.bar('CPU')).toContainText('asked 3');
  await agreed(dana, await form.send(), olivia);
});
