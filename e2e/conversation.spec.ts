import type { Page } from '@playwright/test';
import { approve, ask, becomes, stateOf } from './line.ts';
import { inspect } from './look.ts';
import { tenure } from './program.ts';
import { expect, test } from './tenure.ts';

/** history is what happened to the request whose page is open. */
function history(page: Page) {
  return page.getByRole('region', { name: 'History' });
}

/** say adds to the conversation on the request whose page is open. */
async function say(page: Page, text: string) {
  await history(page).getByLabel('Comment').fill(text);
  await history(page).getByRole('button', { name: 'Add the comment' }).click();
  await expect(history(page).locator('blockquote', { hasText: text.split('\n')[0]! })).toBeVisible();
}

test('those who take part talk about a request on its page, which decides nothing', async ({ as, server }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana);
  const olivia = await as('Olivia Owner');
  await approve(olivia, path);
  const sam = await as('Sam Security');
  await sam.goto(path);
  await say(sam, 'Which service is this for?');
  await expect(stateOf(sam)).toHaveText('In review');
  await dana.goto(path);
  const asked = history(dana).getByRole('listitem').filter({ hasText: 'Which service is this for?' });
  await expect(asked).toContainText('Sam Security');
  await say(dana, 'The payment API,\nfor its <b>developers</b>.');
  await expect(history(dana).locator('blockquote', { hasText: '<b>developers</b>' }), 'as typed').toBeVisible();
  await expect(dana.locator('#next'), 'the owner’s approval stands').toContainText('Waiting for security');
  await inspect(dana, 'request-with-conversation');

  await test.step('an auditor reads it and says nothing, another tenant’s people see none of it', async () => {
    const aubrey = await as('Aubrey Auditor');
    await aubrey.goto(path);
    await expect(history(aubrey)).toContainText('Which service is this for?');
    await expect(history(aubrey).getByLabel('Comment')).toHaveCount(0);
    const sent = (page: Page) =>
      page.evaluate(async (action) => (await fetch(action, { method: 'POST', body: new URLSearchParams({ comment: 'Mine too.' }) })).status, path + '/comments');
    expect(await sent(aubrey)).toBe(403);
    const max = await as('Max Member');
    expect(await sent(max)).toBe(404);
  });

  await approve(sam, path);
  await becomes(dana, path, 'Committed');
  await say(dana, 'Thank you.');
  await expect(stateOf(dana)).toHaveText('Committed');
  expect(await tenure('verify', server.repository, '--trust', await server.trust())).toMatchObject({ code: 0 });
});

for (const [what, { text, message }] of Object.entries({
  'is empty': { text: '   ', message: /Write what you want to say\./ },
  'reads from right to left': { text: 'It is \u202Eefas.', message: /The invisible character U\+202E cannot be used here/ },
  'has a letter of another alphabet in a word': { text: 'See \u0440ayments.', message: /\u0440ayments/ },
  'is too long': { text: 'x'.repeat(2001), message: /2001 characters; at most 2000/ },
})) {
  test(`a comment that ${what} is refused beside its field, and stays there`, async ({ as }) => {
    const dana = await as('Dana Developer');
    const path = await ask(dana);
    await dana.goto(path);
    const field = history(dana).getByLabel('Comment');
    await field.fill(text);
    const answer = dana.waitForResponse((response) => response.request().method() === 'POST');
    await history(dana).getByRole('button', { name: 'Add the comment' }).click();
    expect((await answer).status()).toBe(422);
    await expect(field).toHaveAccessibleDescription(message);
    await expect(field).toHaveValue(text.trim() === '' ? /^\s*$/ : text);
    await dana.goto(path);
    await expect(history(dana).locator('blockquote'), 'nothing of it was kept').toHaveCount(0);
  });
}
