import { readFileSync, readdirSync } from 'node:fs';
import { type Page, expect, test } from '@playwright/test';
import { inspect } from './look.ts';

/** golden is where the pictures are that web's tests hold. */
const golden = '../web/testdata/picture';
const styles = readFileSync('../web/static/build/tenure.css', 'utf8');

/** policy is the portal's content security policy, as far as a picture could break it. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:";

/** show serves a golden picture alone on a page, at the width of the portal's. */
async function show(page: Page, name: string) {
  const picture = readFileSync(`${golden}/${name}.html`, 'utf8');
  await page.route('http://picture.test/**', async (route) => {
    if (route.request().url().endsWith('.css')) {
      await route.fulfill({ contentType: 'text/css', body: styles });
      return;
    }
    await route.fulfill({
      contentType: 'text/html',
      headers: { 'Content-Security-Policy': policy },
      body: `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${name}</title><link rel="stylesheet" href="/tenure.css"></head>
        <body><main class="container-xl"><h1>${name}</h1><div class="card panel">${picture}</div></main></body></html>`,
    });
  });
  const refused: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text());
  });
  await page.goto('http://picture.test/');
  expect(refused, 'the portal would refuse a part of it').toEqual([]);
}

for (const name of readdirSync(golden).map((file) => file.replace('.html', ''))) {
  test(`the picture ${name} has no axe violation, and its words stay in their boxes`, async ({ page }) => {
    await show(page, name);
    await inspect(page, `picture-${name}`);
    const spilled = await page.evaluate(() => {
      const found: string[] = [];
      for (const shape of document.querySelectorAll('.picture-box, .picture-arrow')) {
        const around = shape.querySelector('.picture-face, .picture-pill')!.getBoundingClientRect();
        for (const text of shape.querySelectorAll('text')) {
          const { left, right, top, bottom } = text.getBoundingClientRect();
          if (left < around.left || right > around.right || top < around.top - 2 || bottom > around.bottom + 2) {
            found.push(text.textContent ?? '');
          }
        }
      }
      return found;
    });
    expect(spilled).toEqual([]);
  });
}

test('the keyboard goes from an arrow to its row and back, and both are marked', async ({ page }) => {
  await show(page, 'two-tenants');
  const arrow = page.getByRole('link', { name: /^opens TCP 9200, TCP 9300-9400 from shop-web-prod .* until 1 Feb 2027$/ });
  const row = page.getByRole('row', { name: /TCP 9200, TCP 9300-9400/ });
  await arrow.focus();
  await page.keyboard.press('Enter');
  await expect(row).toBeInViewport();
  expect(await row.evaluate((element) => element.matches(':target'))).toBe(true);

  await row.getByRole('link', { name: /^Show in the picture/ }).focus();
  await page.keyboard.press('Enter');
  await expect(arrow).toBeInViewport();
  expect(await arrow.evaluate((element) => element.matches(':target'))).toBe(true);
});

test('every box and arrow takes the focus, and shows it', async ({ page }) => {
  await show(page, 'two-tenants');
  const shapes = page.locator('.picture-box, .picture-arrow');
  const count = await shapes.count();
  await page.getByRole('region', { name: /^Picture/ }).focus();
  for (let reached = 0; reached < count; reached++) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const focused = document.activeElement!;
      const ring = focused.querySelector('.picture-face, .picture-pill');
      return { name: focused.getAttribute('aria-label'), width: ring && getComputedStyle(ring).strokeWidth };
    });
    expect(seen.name, 'what is reached next').toBeTruthy();
    expect(seen.width, `the ring of ${seen.name}`).toBe('2.5px');
  }
});

test('on a telephone the drawing scrolls in its own region, in letters that can be read', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await show(page, 'many-workloads');
  const region = page.getByRole('region', { name: /^Picture/ });
  expect(await region.evaluate((element) => element.scrollWidth > element.clientWidth)).toBe(true);
  const scale = await page.locator('.picture-drawing').evaluate((svg: SVGSVGElement) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width);
  expect(scale * 12, 'pixels of the smallest letters').toBeGreaterThan(11);
  await region.focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(async () => region.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
});
