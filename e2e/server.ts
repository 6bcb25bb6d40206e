import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { freePort, Program } from './program.ts';

/** Server is one `tenure serve --dev` with a data folder and ports of its own. */
export class Server extends Program {
  private constructor(
    /** data is its data folder; the repository is gitops.git in it. */
    readonly data: string,
    readonly port: number,
    readonly webhookPort: number,
    /** clock is the file that says how far its time is ahead. */
    readonly clock: string,
    log: string,
    environment: Record<string, string>,
  ) {
    super(log, environment);
  }

  /** at prepares a server in a folder, on ports that are free now. */
  static async at(folder: string, environment: Record<string, string> = {}): Promise<Server> {
    const clock = join(folder, 'clock');
    return new Server(join(folder, 'data'), await freePort(), await freePort(), clock, join(folder, 'tenure.log'), { TENURE_DEV_CLOCK: clock, ...environment });
  }

  protected args() {
    return ['serve', '--dev', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--webhook-listen', `127.0.0.1:${this.webhookPort}`];
  }

  protected async ready() {
    return (await fetch(this.url + '/readyz')).ok;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  get webhook() {
    return `https://127.0.0.1:${this.webhookPort}`;
  }

  get repository() {
    return join(this.data, 'gitops.git');
  }

  /** ahead puts its time, and that of whoever shares its clock, ahead of the machine's by so much, such as "48h". */
  async ahead(by: string) {
    await mkdir(dirname(this.clock), { recursive: true });
    await writeFile(this.clock + '.new', by);
    await rename(this.clock + '.new', this.clock);
  }

  /** trust is the fingerprint that was pinned at the first start. */
  async trust(): Promise<string> {
    const pinned = /^TENURE_TRUST=(\w+)$/m.exec(await readFile(join(this.data, 'tenure.env'), 'utf8'));
    return pinned![1]!;
  }
}
