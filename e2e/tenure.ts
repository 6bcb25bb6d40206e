import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, type Page, test as base, expect } from '@playwright/test';
import { Server } from './server.ts';

export { expect } from '@playwright/test';

/** Fixtures are what each test gets: a server of its own, and people to use it as. */
interface Fixtures {
  server: Server;
  /** as signs a person in, in a browser context of their own, and opens their home page. */
  as: (name: string, options?: BrowserContextOptions) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, info) => {
    const folder = await mkdtemp(join(tmpdir(), 'tenure-e2e-'));
    const server = await Server.at(folder);
    try {
      await server.start();
      await use(server);
    } finally {
      await server.stop();
      await copyFile(server.log, info.outputPath('tenure.log'));
      await rm(folder, { recursive: true, force: true });
    }
  },

  as: async ({ browser, server }, use) => people(browser, server, use),
});

/** people signs people in to a server while a test uses it; afterwards no browser may have complained. */
export async function people(browser: Browser, server: { url: string }, use: (as: Fixtures['as']) => Promise<void>) {
  const complaints: string[] = [];
  const contexts: BrowserContext[] = [];
  await use(async (name, options) => {
    const context = await browser.newContext({ baseURL: server.url, ...options });
    contexts.push(context);
    const page = await context.newPage();
    listen(page, name, complaints);
    await page.goto('/');
    await signIn(page, name);
    return page;
  });
  await Promise.all(contexts.map((context) => context.close()));
  expect(complaints, 'what the browsers complained of').toEqual([]);
}

/** signInButton is what a person is picked by on the development provider's page. */
export function signInButton(page: Page, name: string) {
  return page.getByRole('button', { name: `Sign in as ${name}`, exact: true });
}

/** signIn picks a person on the development provider's page. */
export async function signIn(page: Page, name: string) {
  await signInButton(page, name).click();
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
}

/** listen notes every fault of a page: a script that threw, a resource that the Content-Security-Policy blocked. */
function listen(page: Page, who: string, complaints: string[]) {
  page.on('pageerror', (error) => complaints.push(`${who}: ${page.url()}: ${error}`));
  page.on('console', (message) => {
    // Chromium and htmx write an error for each answer of 400 and above; those are looked at where they are expected. htmx
    // writes two for a preview that is given up, because something else was typed or the form was sent.
    const starts = ['Failed to load resource', 'Response Status Error Code', 'htmx:sendAbort', 'htmx:afterRequest'];
    const expected = starts.some((start) => message.text().startsWith(start));
    if (message.type() === 'error' && !expected) {
      complaints.push(`${who}: ${page.url()}: ${message.text()}`);
    }
  });
}
