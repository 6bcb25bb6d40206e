import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { dirname, join } from 'node:path';
import { git } from './git.ts';
import { freePort, Program } from './program.ts';
import type { Server } from './server.ts';

/**
 * Enforcer is one `tenure webhook`, as each cluster runs it. It reads a copy of
 * the repository that follows every push, or is held back by a test.
 */
export class Enforcer extends Program {
  private constructor(
    readonly data: string,
    readonly port: number,
    private readonly repository: string,
    private readonly mirror: string,
    private readonly trust: string,
    clock: string,
    log: string,
  ) {
    super(log, { TENURE_DEV_CLOCK: clock });
  }

  /** at prepares a webhook for a server's repository, in a folder. */
  static async at(folder: string, server: Server): Promise<Enforcer> {
    const mirror = join(folder, 'mirror.git');
    await git(server.repository, 'clone', '--quiet', '--mirror', server.repository, mirror);
    const hook = join(server.repository, 'hooks/post-receive');
    await mkdir(dirname(hook), { recursive: true });
    await writeFile(hook, `#!/bin/sh\n[ -e '${mirror}.held' ] || git push --quiet --mirror '${mirror}'\n`);
    await chmod(hook, 0o755);
    return new Enforcer(join(folder, 'data'), await freePort(), server.repository, mirror, await server.trust(), server.clock, join(folder, 'webhook.log'));
  }

  protected args() {
    return [
      'webhook', '--data', this.data, '--cluster', 'weu-1', '--repository', this.mirror, '--trust', this.trust,
      '--webhook-listen', `127.0.0.1:${this.port}`, '--refresh', '1s',
    ];
  }

  protected async ready() {
    const ca = await readFile(this.ca);
    return new Promise<boolean>((done, fail) => {
      request(this.url + '/readyz', { ca, agent: false }, (response) => done(response.resume().statusCode === 200))
        .once('error', fail)
        .end();
    });
  }

  get url() {
    return `https://127.0.0.1:${this.port}`;
  }

  /** ca is the certificate that the API server trusts for it. */
  get ca() {
    return join(this.data, 'webhook/ca.crt');
  }

  /** late keeps what is pushed meanwhile from the webhook. */
  async late<Result>(meanwhile: () => Promise<Result>): Promise<Result> {
    await writeFile(this.mirror + '.held', '');
    try {
      return await meanwhile();
    } finally {
      await rm(this.mirror + '.held');
      await git(this.repository, 'push', '--quiet', '--mirror', this.mirror);
    }
  }
}
