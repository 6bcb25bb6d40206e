import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';

/** pictures says whether a picture of each look is kept, for people to look at: PICTURES=1 make browser. */
const pictures = process.env.PICTURES !== undefined;

/** colours are the rules that look at colours; for the others one scheme is like the other. */
const colours = ['color-contrast', 'link-in-text-block'];

/** violations are those that axe finds. In the dark the narrow page has the colours of the wide one. */
async function violations(page: Page, scheme: 'light' | 'dark', width: number) {
  if (scheme === 'dark' && width < 1280) return [];
  const axe = new AxeBuilder({ page }).setLegacyMode(); // no page has frames
  const found = await (scheme === 'light' ? axe : axe.withRules(colours)).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
}

/** inspect looks at the page that is open, light and dark, wide and narrow. */
export async function inspect(page: Page, name: string) {
  await test.step(name, async () => {
    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        await page.evaluate(() => window.scrollTo(0, 0));
        const look = `${name}-${scheme}-${width}`;
        if (pictures) {
          await page.screenshot({ path: `artifacts/screenshots/${look}.png`, fullPage: true, animations: 'disabled' });
        }
        expect.soft(await violations(page, scheme, width), look).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect.soft(overflow, `${look}: pixels to scroll sideways`).toBe(0);
      }
    }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
  });
}
