import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from '@playwright/test';
import { run } from './program.ts';

const binary = resolve(import.meta.dirname, '../.cache/cluster/cluster');

/** Ready is what `cluster up` says once everything does its work; see cluster/cmd/cluster. */
interface Ready {
  apiServer: string;
  ca: string;
  kubectl: string;
  kubeconfigs: Record<string, string>;
  logs: string;
  auditLog: string;
}

/** AuditEvent is what is looked at of an Event of audit.k8s.io. */
interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { resource: string; namespace?: string };
  impersonatedUser?: { username: string };
}

/** Answer is what `cluster up` says to a command. */
type Answer = { ok: true } | { ok: false; error: string };

/** ControlPlane is a kube-apiserver with its controllers and an Argo CD, on ports of its own. */
export class ControlPlane {
  private constructor(
    private readonly process: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
    private readonly ready: Ready,
  ) {}

  /** start runs one in a folder; it ends with the process that started it. */
  static async start(folder: string): Promise<ControlPlane> {
    await mkdir(folder, { recursive: true });
    const child = spawn(binary, ['up', '--dir', folder, '--argocd', '--resync', '1']);
    const complaints = createWriteStream(join(folder, 'cluster.log'));
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
      complaints.write(chunk);
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) {
      throw new Error(`the control plane ended before it was ready:\n${said}`);
    }
    return new ControlPlane(child, lines, JSON.parse(first.value) as Ready);
  }

  /** stop ends everything and waits until it is gone. */
  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((done) => this.process.once('close', done));
    this.process.stdin.end();
    await gone;
  }

  /** tell gives a command, such as "restart apiserver", and waits until it is done. */
  async tell(command: string) {
    this.process.stdin.write(command + '\n');
    const { value, done } = await this.lines.next();
    if (done) {
      throw new Error(`the control plane ended at ${command}`);
    }
    const answer = JSON.parse(value) as Answer;
    if (!answer.ok) {
      throw new Error(`${command}: ${answer.error}`);
    }
  }

  /** install installs Tenure from deploy/; see InstallOptions in cluster/. */
  async install(options: { webhook: string; ca: string; portal: string; repository: string; trust: string }) {
    await this.tell('install ' + JSON.stringify(options));
  }

  /** kubeconfig is the file of somebody whom the API server knows. */
  kubeconfig(who: string): string {
    const file = this.ready.kubeconfigs[who];
    if (file === undefined) {
      throw new Error(`nobody is called ${who}; there are ${Object.keys(this.ready.kubeconfigs).join(', ')}`);
    }
    return file;
  }

  /** writes counts how often somebody wrote a kind of object in a namespace, by the API server's audit log. */
  async writes(user: string, verb: string, resource: string, namespace: string): Promise<number> {
    const events = await this.audit(namespace);
    return events.filter((e) => e.user.username === user && e.verb === verb && e.objectRef?.resource === resource).length;
  }

  /** pruned gives the kinds of object that the GitOps identity deleted in a namespace, in the order in which it came to them. */
  async pruned(namespace: string): Promise<string[]> {
    const events = await this.audit(namespace);
    const kinds = events
      .filter((e) => e.verb === 'delete' && e.impersonatedUser?.username === 'system:serviceaccount:argocd:gitops')
      .map((e) => e.objectRef!.resource);
    return kinds.filter((kind, i) => kind !== kinds[i - 1]);
  }

  /** audit gives the API server's audit log of a namespace. */
  private async audit(namespace: string): Promise<AuditEvent[]> {
    const lines = (await readFile(this.ready.auditLog, 'utf8')).split('\n').slice(0, -1); // the last one may be half written
    return lines.map((line) => JSON.parse(line) as AuditEvent).filter((e) => e.objectRef?.namespace === namespace);
  }

  /** kubectl runs kubectl as somebody, with what stands on its standard input. */
  async kubectl(who: string, args: string[], input = '') {
    return run(this.ready.kubectl, ['--kubeconfig', this.kubeconfig(who), ...args], {}, input);
  }

  /** done runs kubectl as somebody who is let through, and gives what it prints. */
  async done(who: string, args: string[], input = ''): Promise<string> {
    const { code, output } = await this.kubectl(who, args, input);
    expect(code, `${who}: kubectl ${args.join(' ')}: ${output}`).toBe(0);
    return output.trimEnd();
  }

  /** refused runs kubectl as somebody who is not let through, and gives why. */
  async refused(who: string, args: string[], input = ''): Promise<string> {
    const { code, output } = await this.kubectl(who, args, input);
    expect(code, `${who}: kubectl ${args.join(' ')} is let through: ${output}`).not.toBe(0);
    return output.trimEnd();
  }

  /** read gives an object, or undefined when there is none. */
  async read<T = KubernetesObject>(kind: string, name: string, namespace = ''): Promise<T | undefined> {
    const output = await this.done('admin', ['get', kind, name, '-o', 'json', '--ignore-not-found', ...inNamespace(namespace)]);
    return output === '' ? undefined : (JSON.parse(output) as T);
  }

  /** list gives the objects of some kinds, such as "pods,services", in a namespace. */
  async list(kinds: string, namespace: string): Promise<KubernetesObject[]> {
    const output = await this.done('admin', ['get', kinds, '-o', 'json', ...inNamespace(namespace)]);
    return (JSON.parse(output) as { items: KubernetesObject[] }).items;
  }
}

function inNamespace(namespace: string): string[] {
  return namespace === '' ? [] : ['-n', namespace];
}

/** KubernetesObject is what tests look at of any object. */
export interface KubernetesObject {
  kind: string;
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

/** Application is what tests look at of an Argo CD Application. */
export interface Application extends KubernetesObject {
  status: {
    sync?: { status: string; revision?: string };
    health?: { status?: string };
    resources?: { kind: string; name: string; namespace?: string; status?: string }[];
    operationState?: { phase: string; message?: string; retryCount?: number; syncResult?: { revision: string } };
    conditions?: { type: string; message: string }[];
  };
}
