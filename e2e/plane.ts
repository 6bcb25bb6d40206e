import { cp, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Page, test as base, expect } from '@playwright/test';
import { type Application, ControlPlane } from './controlplane.ts';
import { Enforcer } from './enforcer.ts';
import { approve, ask, becomes, type Wanted, wanted } from './line.ts';
import { Server } from './server.ts';
import { people } from './tenure.ts';

export { expect } from '@playwright/test';

/** World is one of everything: a control plane with Argo CD, the portal, and the webhook in the API server's path. */
export interface World {
  plane: ControlPlane;
  server: Server;
  enforcer: Enforcer;
  /** install applies deploy/ to the cluster, again where it stands already. */
  install: () => Promise<void>;
}

/** Fixtures are what each test gets. */
interface Fixtures {
  /** as signs a person in the first time that a test asks for them, in a browser context of their own. */
  as: (name: string) => Promise<Page>;
  /** granted asks for a namespace and has it approved; it gives the path of the request. */
  granted: (changes: Partial<Wanted>) => Promise<string>;
}

/** The world is shared by the tests of a file, which run one after the other: each has namespaces of its own. */
export const test = base.extend<Fixtures, { world: World; turnsTheClock: string }>({
  /** turnsTheClock is said by a file whose tests turn the clock, with a word of its own: they share their world with no other file's. */
  turnsTheClock: ['', { option: true, scope: 'worker' }],

  world: [
    async ({}, use, info) => {
      const folder = await mkdtemp(join(tmpdir(), 'tenure-plane-'));
      const endings = [() => rm(folder, { recursive: true, force: true })]; // in the order in which they were begun
      try {
        endings.push(() => cp(folder, join(info.project.outputDir, `plane-${info.workerIndex}`), { recursive: true, filter: isLog }));
        const plane = await ControlPlane.start(join(folder, 'plane'));
        endings.push(() => plane.stop());
        const kubeconfig = plane.kubeconfig('portal');
        const server = await Server.at(join(folder, 'portal'), { TENURE_KUBECONFIG: kubeconfig, TENURE_CLUSTER_KUBECONFIG: kubeconfig });
        endings.push(async () => void (await server.stop()));
        await server.start();
        const enforcer = await Enforcer.at(join(folder, 'webhook'), server);
        endings.push(async () => void (await enforcer.stop()));
        await enforcer.start();
        const trust = await server.trust();
        const install = async () => {
          await plane.install({ webhook: enforcer.url, ca: enforcer.ca, portal: server.url, repository: 'file://' + server.repository, trust });
          await plane.done('admin', ['apply', '-f', '-'], policiesReader);
        };
        await install();
        await use({ plane, server, enforcer, install });
      } finally {
        for (const end of endings.reverse()) await end();
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  as: async ({ browser, world }, use) =>
    people(browser, world.server, async (signIn) => {
      const pages = new Map<string, Promise<Page>>();
      await use((name) => {
        if (!pages.has(name)) pages.set(name, signIn(name));
        return pages.get(name)!;
      });
    }),

  granted: async ({ as }, use) => {
    await use(async (changes) => {
      const path = await ask(await as('Dana Developer'), wanted(changes));
      await agree(as, path);
      return path;
    });
  },
});

/** policiesReader lets the portal watch the cluster's NetworkPolicies, as deploy/README.md says. */
const policiesReader = [
  {
    kind: 'ClusterRole',
    rules: [{ apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['list', 'watch'] }],
  },
  {
    kind: 'ClusterRoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'policies-reader' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'tenure-system', name: 'tenure-portal' }],
  },
]
  .map((object) => JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'policies-reader' }, ...object })) // JSON is YAML
  .join('\n---\n');

/** isLog lets folders and logs through. */
async function isLog(path: string) {
  return path.endsWith('.log') || (await stat(path)).isDirectory();
}

/** agree has a request of payments approved by its owner and by security. */
export async function agree(as: Fixtures['as'], path: string) {
  await approve(await as('Olivia Owner'), path);
  await approve(await as('Sam Security'), path);
}

/** remove asks for the removal of a namespace of payments and has it approved; it gives the path of the request. */
export async function remove(as: Fixtures['as'], name: string): Promise<string> {
  const dana = await as('Dana Developer');
  await dana.goto('/requests/new/removal?' + new URLSearchParams({ tenant: 'payments', cluster: 'weu-1', namespace: name }));
  await dana.getByLabel('Name of the namespace').fill(name);
  await dana.getByLabel('Reason').fill('Nobody uses it any more.');
  await dana.getByRole('button', { name: 'Submit request' }).click();
  await expect(dana).toHaveURL(/\/requests\/\d+$/);
  const path = new URL(dana.url()).pathname;
  await agree(as, path);
  return path;
}

/** isActive waits until a request stands in the cluster. */
export async function isActive(page: Page, path: string) {
  await becomes(page, path, 'Active');
}

/** application is Argo CD's Application for a tenant's manifests. */
export async function application(world: World, tenant: string): Promise<Application> {
  const found = await world.plane.read<Application>('applications.argoproj.io', `tenure-${tenant}-weu-1`, 'argocd');
  expect(found, `there is an Application for ${tenant}`).toBeDefined();
  return found!;
}

/** isSynced waits until Argo CD says that a tenant's manifests are in the cluster as they are in Git. */
export async function isSynced(world: World, tenant: string) {
  await expect
    .poll(async () => {
      const { status } = await application(world, tenant);
      return `${status?.sync?.status} ${status?.health?.status} ${status?.operationState?.phase}`;
    }, { message: `the Application of ${tenant}`, timeout: 60_000 })
    .toBe('Synced Healthy Succeeded');
}
