import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { expect } from '@playwright/test';

const binary = resolve(import.meta.dirname, process.env.TENURE_BINARY ?? '../bin/tenure');

/** Ending is how a process ended. */
export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Program is a `tenure` that goes on running until it is stopped; it can be started again. */
export abstract class Program {
  private process?: ChildProcess;
  private ended?: Promise<Ending>;

  protected constructor(
    /** log is the file with all that it wrote. */
    readonly log: string,
    /** environment is what it is started with at every start. */
    private readonly environment: Record<string, string> = {},
  ) {}

  /** args are what it is started with. */
  protected abstract args(): string[];

  /** ready says whether it does its work; a failure to connect means that it does not yet. */
  protected abstract ready(): Promise<boolean>;

  /** start runs it and waits until it is ready. What is in the environment holds for this start only. */
  async start(environment: Record<string, string> = {}) {
    await mkdir(dirname(this.log), { recursive: true });
    const output = createWriteStream(this.log, { flags: 'a' });
    const child = spawn(binary, this.args(), { env: { ...process.env, ...this.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout!.pipe(output, { end: false });
    child.stderr!.pipe(output, { end: false });
    this.process = child;
    this.ended = new Promise((done, fail) => {
      child.once('error', fail);
      child.once('close', (code, signal) => output.end(() => done({ code, signal })));
    });
    await expect.poll(() => this.isReady(), { message: `tenure is not ready; see ${this.log}`, timeout: 60_000 }).toBe(true);
  }

  private async isReady() {
    if (this.process?.exitCode !== null) {
      throw new Error(`tenure ended before it was ready:\n${this.output()}`);
    }
    try {
      return await this.ready();
    } catch {
      return false; // it does not listen yet
    }
  }

  /** stop ends it with a signal and waits until it is gone. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending | undefined> {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill(signal);
    }
    return this.ended;
  }

  /** gone waits until it has ended by itself. */
  async gone(): Promise<Ending> {
    return this.ended!;
  }

  /** output is all that it has written so far. */
  output() {
    return readFileSync(this.log, 'utf8');
  }
}

/** tenure runs the binary with the given arguments until it ends. */
export async function tenure(...args: string[]): Promise<{ code: number | null; output: string }> {
  return run(binary, args);
}

/** run runs a program until it ends, on a given input, with its output and errors as one text. */
export async function run(program: string, args: string[], environment: Record<string, string> = {}, input = '') {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {}); // it may end without having read all of it
  child.stdin.end(input);
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
