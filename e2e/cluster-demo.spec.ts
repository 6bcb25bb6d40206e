import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, expect } from '@playwright/test';
import { approve, ask, becomes, wanted } from './line.ts';
import { freePort, run } from './program.ts';
import { people } from './tenure.ts';

const root = resolve(import.meta.dirname, '..');

test('make demo runs everything, and the commands that it prints do what it says', async ({ browser }) => {
  const data = await mkdtemp(join(tmpdir(), 'tenure-demo-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const webhook = `127.0.0.1:${await freePort()}`;
  const args = ['demo', '--tenure', process.env.TENURE_BINARY ?? 'bin/tenure', '--data', data, '--listen', new URL(url).host, '--webhook-listen', webhook];
  const demo = spawn(join(root, '.cache/cluster/cluster'), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise<number | null>((done) => demo.once('close', done));
  let said = '';
  for (const output of [demo.stdout, demo.stderr]) output.on('data', (chunk) => (said += chunk));
  try {
    await expect.poll(() => demo.exitCode !== null || said.includes('Ctrl-C ends everything'), { timeout: 120_000 }).toBe(true);
    expect(said, 'what it says once all runs').toContain('Ctrl-C ends everything');
    expect(said, 'it names the portal').toContain(url);
    const commands = [...said.matchAll(/^ {2}(\S+\/as\/.*)\n {6}(allowed|refused):/gm)].map(([, command, verdict]) => ({ command, verdict }));
    expect(commands.map(({ verdict }) => verdict)).toEqual(['allowed', 'refused', 'refused']);

    await people(browser, { url }, async (as) => {
      const dana = await as('Dana Developer');
      const path = await ask(dana, wanted({ podSecurity: 'baseline' }));
      await approve(await as('Olivia Owner'), path);
      await approve(await as('Sam Security'), path);
      await becomes(dana, path, 'Active');
    });
    const [allowed, registry, governed] = await Promise.all(commands.map(({ command }) => run('sh', ['-c', command])));
    expect(allowed, commands[0].command).toMatchObject({ code: 0, output: expect.stringContaining('created') });
    expect(registry.code, commands[1].command).not.toBe(0);
    expect(registry.output).toContain('trusted-registry: spec.template.spec.containers[0].image "docker.io/library/nginx"');
    expect(governed.code, commands[2].command).not.toBe(0);
    expect(governed.output).toContain(`Ask for the change: ${url}`);

    demo.kill('SIGINT');
    expect(await gone, said).toBe(0);
    const { output: left } = await run('ps', ['-eo', 'args']);
    expect(left, 'nothing goes on running').not.toContain(data);
  } finally {
    demo.kill('SIGTERM');
    await gone;
    await rm(data, { recursive: true, force: true });
  }
});
