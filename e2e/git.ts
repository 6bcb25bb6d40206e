import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './program.ts';

/** git runs plain git on a bare repository and gives what it prints. */
export async function git(repository: string, ...args: string[]): Promise<string> {
  const { code, output } = await run('git', ['--git-dir', repository, ...args]);
  if (code !== 0) {
    throw new Error(`git ${args.join(' ')}: exit ${code}:\n${output}`);
  }
  return output.trimEnd();
}

/** commitsOf lists the commits that grant a request, by their trailer. */
export async function commitsOf(repository: string, request: string): Promise<string[]> {
  const log = await git(repository, 'log', '--format=%H %(trailers:key=Tenure-Request,valueonly,separator=%x2C)', 'HEAD');
  return log
    .split('\n')
    .filter((line) => line.split(' ')[1] === request)
    .map((line) => line.split(' ')[0]!);
}

/** verifyCommit asks plain git and GnuPG, who know no keys but those in the repository's keys folder. */
export async function verifyCommit(repository: string, commit: string) {
  const home = await mkdtemp(join(tmpdir(), 'gnupg-')); // short: the agent's socket lies in it
  const environment = { GNUPGHOME: home };
  try {
    const keys = (await git(repository, 'ls-tree', '--name-only', commit, 'keys/')).split('\n');
    for (const [number, path] of keys.entries()) {
      const file = join(home, `${number}.asc`);
      await writeFile(file, await git(repository, 'show', `${commit}:${path}`) + '\n');
      await run('gpg', ['--batch', '--import', file], environment);
    }
    return await run('git', ['--git-dir', repository, 'verify-commit', commit], environment);
  } finally {
    await run('gpgconf', ['--kill', 'all'], environment);
    await rm(home, { recursive: true, force: true });
  }
}
