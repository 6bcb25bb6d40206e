import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: 'artifacts/results',
  projects: [
    // Each test starts a `tenure serve --dev` of its own (see tenure.ts), so tests
    // share nothing and may run side by side.
    { name: 'portal', testMatch: '*.spec.ts', testIgnore: 'cluster-*.spec.ts', fullyParallel: true },
    // The tests of a file share a control plane (see plane.ts), one after the other.
    { name: 'cluster', testMatch: 'cluster-*.spec.ts', timeout: 240_000 },
  ],
  workers: 2,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [['list'], ['html', { outputFolder: 'artifacts/report', open: 'never' }], ['./reporter.ts']],
  use: {
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    screenshot: 'only-on-failure',
    // Recording every step costs the browsers time: TRACE=1 make browser keeps it of tests that fail.
    trace: process.env.TRACE === undefined ? 'off' : 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
