import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Application } from './controlplane.ts';
import { commitsOf, git } from './git.ts';
import { expect, isActive, isSynced, test, type World } from './plane.ts';
import { run } from './program.ts';

const files = {
  'argocd/evil.yaml': `
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: evil, namespace: argocd}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "*", namespace: "*"}]
  clusterResourceWhitelist: [{group: "*", kind: "*"}]
`,
  'clusters/weu-1/payments/evil.yaml': `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: evil, namespace: payments-before-dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "tenure:admin"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: mallory@contoso.example}]
`,
};

/** pushed commits files as somebody who can push and whom nobody trusts; it gives the commit. */
async function pushed(repository: string): Promise<string> {
  const clone = await mkdtemp(join(tmpdir(), 'tenure-foreign-'));
  const inClone = async (...args: string[]) => {
    const { code, output } = await run('git', ['-C', clone, '-c', 'user.name=Mallory', '-c', 'user.email=mallory@contoso.example', ...args]);
    expect(code, `git ${args.join(' ')}: ${output}`).toBe(0);
  };
  try {
    await inClone('clone', '--quiet', '--branch', 'main', repository, '.');
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(clone, path)), { recursive: true });
      await writeFile(join(clone, path), text);
    }
    await inClone('add', '.');
    await inClone('commit', '--quiet', '--no-gpg-sign', '-m', 'Help ourselves');
    await inClone('push', '--quiet', 'origin', 'main');
    return await git(repository, 'rev-parse', 'main');
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
}

/** complains waits until Argo CD says that it does not apply a commit, and why. */
async function complains(world: World, name: string, commit: string) {
  await expect
    .poll(async () => {
      const found = await world.plane.read<Application>('applications.argoproj.io', name, 'argocd');
      return (found?.status?.conditions ?? []).map(({ type, message }) => `${type}: ${message}`).join('\n');
    }, { message: `the conditions of the Application ${name}`, timeout: 60_000 })
    .toMatch(new RegExp(`ComparisonError: .*Failed verifying revision ${commit} by 'Mallory .*unsigned`));
}

test('Argo CD applies nothing of a foreign commit, and goes on once Tenure has restored what it changed', async ({ as, granted, world }) => {
  const dana = await as('Dana Developer');
  await isActive(dana, await granted({ name: 'payments-before-dev' }));
  await isSynced(world, 'payments');

  const foreign = await pushed(world.server.repository);
  await complains(world, 'tenure', foreign);
  await complains(world, 'tenure-payments-weu-1', foreign);
  expect(await world.plane.read('appproject', 'evil', 'argocd')).toBeUndefined();
  expect(await world.plane.read('rolebinding', 'evil', 'payments-before-dev')).toBeUndefined();

  const path = await granted({ name: 'payments-after-dev' });
  await isActive(dana, path);
  await isSynced(world, 'payments');
  const [commit] = await commitsOf(world.server.repository, path.split('/').pop()!);
  await git(world.server.repository, 'merge-base', '--is-ancestor', foreign, commit!); // "strict" would never go on
  expect(await git(world.server.repository, 'ls-tree', '-r', '--name-only', 'main', ...Object.keys(files))).toBe('');
  expect(await world.plane.read('appproject', 'evil', 'argocd')).toBeUndefined();
  expect(await world.plane.read('rolebinding', 'evil', 'payments-before-dev')).toBeUndefined();
});
