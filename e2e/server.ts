import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { expect } from '@playwright/test';

const binary = resolve(import.meta.dirname, process.env.TENURE_BINARY ?? '../bin/tenure');

/** Server is one `tenure serve --dev` with a data folder and ports of its own. */
export class Server {
  private process?: ChildProcess;
  private ended?: Promise<Ending>;

  private constructor(
    /** data is its data folder; the repository is gitops.git in it. */
    readonly data: string,
    readonly port: number,
    readonly webhookPort: number,
    /** log is the file with all that it wrote. */
    readonly log: string,
  ) {}

  /** at prepares a server in a folder, on ports that are free now. */
  static async at(folder: string): Promise<Server> {
    await mkdir(folder, { recursive: true });
    return new Server(join(folder, 'data'), await freePort(), await freePort(), join(folder, 'tenure.log'));
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

  /** start runs the server, on the same data and ports as before, and waits until it is ready. */
  async start(environment: Record<string, string> = {}) {
    await mkdir(dirname(this.log), { recursive: true });
    const output = createWriteStream(this.log, { flags: 'a' });
    const child = spawn(
      binary,
      ['serve', '--dev', '--data', this.data, '--listen', `127.0.0.1:${this.port}`, '--webhook-listen', `127.0.0.1:${this.webhookPort}`],
      { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout!.pipe(output, { end: false });
    child.stderr!.pipe(output, { end: false });
    this.process = child;
    this.ended = new Promise((done, fail) => {
      child.once('error', fail);
      child.once('close', (code, signal) => output.end(() => done({ code, signal })));
    });
    await expect.poll(() => this.ready(), { message: `tenure is not ready; see ${this.log}`, timeout: 60_000 }).toBe(true);
  }

  private async ready() {
    if (this.process?.exitCode !== null) {
      throw new Error(`tenure ended before it was ready:\n${this.output()}`);
    }
    try {
      return (await fetch(this.url + '/readyz')).ok;
    } catch {
      return false; // it does not listen yet
    }
  }

  /** stop ends the server with a signal and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending | undefined> {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
    }
    return this.ended;
  }

  /** gone waits until the server has ended by itself. */
  async gone(): Promise<Ending> {
    return this.ended!;
  }

  /** output is all that the server has written so far. */
  output() {
    return readFileSync(this.log, 'utf8');
  }
}

/** Ending is how a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** tenure runs the binary with the given arguments until it ends. */
export async function tenure(...args: string[]): Promise<{ code: number | null; output: string }> {
  return run(binary, args);
}

/** run runs a program until it ends, with its output and errors as one text. */
export async function run(program: string, args: string[], environment: Record<string, string> = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise<{ code: number | null; output: string }>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code) => done({ code, output }));
  });
}

/** freePort asks the system for a port of the loopback address that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, fail) => probe.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = probe.address() as { port: number };
  await new Promise((done) => probe.close(done));
  return port;
}
