import { rename } from 'node:fs/promises';
import { commitsOf } from './git.ts';
import { approve, ask, becomes, stateOf, steps, vote } from './line.ts';
import { expect, test } from './tenure.ts';

test('a server that is killed in the middle of the line goes on from there', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  await approve(await as('Olivia Owner'), path);
  const sam = await as('Sam Security');
  await sam.goto(path);

  await server.stop('SIGKILL');
  await server.start();

  await vote(sam, 'Approve'); // on the page that was open; Sam is still signed in
  await becomes(dana, path, 'Committed');
  await expect(steps(dana)).toContainText('Olivia Owner');
  expect(await commitsOf(server.repository, path.split('/').pop()!)).toHaveLength(1);
});

for (const point of ['before-push', 'after-push']) {
  test(`a crash ${point.replace('-', ' the ')} ends, after a restart, in exactly one commit`, async ({ as, server }) => {
    const dana = await as('Dana Developer');
    const path = await ask(dana);
    const number = path.split('/').pop()!;
    await approve(await as('Olivia Owner'), path);

    const sam = await as('Sam Security');
    await server.stop();
    await server.start({ TENURE_TEST_CRASH: point });
    await sam.goto(path);
    const panel = sam.getByRole('region', { name: 'Your review' });
    await panel.getByRole('radio', { name: /^Approve/ }).check();
    await panel.getByRole('button', { name: 'Submit review' }).click({ noWaitAfter: true });
    expect(await server.gone()).toEqual({ code: 70, signal: null });
    expect(await commitsOf(server.repository, number)).toHaveLength(point === 'after-push' ? 1 : 0);

    await server.start();
    await becomes(dana, path, 'Committed');
    expect(await commitsOf(server.repository, number)).toHaveLength(1);

    await test.step('and a further restart commits nothing more', async () => {
      await server.stop();
      await server.start();
      await becomes(dana, path, 'Committed');
      expect(await commitsOf(server.repository, number)).toHaveLength(1);
    });
  });
}

test('while the Git repository is away a request stays approved and says so; then it goes through', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  await approve(await as('Olivia Owner'), path);
  const sam = await as('Sam Security');
  await sam.goto(path);

  const away = server.repository + '.away';
  await rename(server.repository, away);
  await vote(sam, 'Approve');
  await expect(async () => {
    await dana.goto(path);
    await expect(dana.locator('.next-publication')).toHaveText(/cannot be read or written/, { timeout: 100 });
  }).toPass({ intervals: [200] });
  await expect(stateOf(dana)).toHaveText('Approved');
  await expect(dana.locator('.next')).toContainText('It is tried again');
  await expect(dana.locator('.next time').first()).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT/);

  await dana.goto('/health');
  await expect(dana.getByRole('region', { name: 'Approved, and not yet committed' })).toContainText('payments-api-dev');

  await rename(away, server.repository);
  await becomes(dana, path, 'Committed');
  expect(await commitsOf(server.repository, path.split('/').pop()!)).toHaveLength(1);
});
