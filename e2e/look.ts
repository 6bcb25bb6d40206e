import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect, test } from '@playwright/test';

export type Scheme = 'light' | 'dark';

/** inspectIn looks at the page that is open in both widths, and keeps a picture of each. */
export async function inspectIn(scheme: Scheme, page: Page, name: string) {
  await test.step(name, async () => {
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate(() => window.scrollTo(0, 0));
      await page.screenshot({ path: `artifacts/screenshots/${name}-${scheme}-${width}.png`, fullPage: true, animations: 'disabled' });
      const look = `${name}, ${scheme}, ${width} px`;
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze(); // no page has frames
      const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
      expect.soft(found, look).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(overflow, `${look}: pixels to scroll sideways`).toBe(0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });
}
