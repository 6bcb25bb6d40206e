import { approve, ask, becomes } from './line.ts';
import { expect, test } from './tenure.ts';

test('a developer finds on the rules page what a workload must keep to, and how to pass', async ({ as }) => {
  const dana = await as('Dana Developer');
  await dana.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Rules' }).click();
  await expect(dana.getByRole('heading', { level: 1 })).toHaveText(/^\d+ rules for your workloads, and how to pass them$/);
  await expect(dana.getByRole('link', { name: 'Rules' })).toHaveAttribute('aria-current', 'page');

  const registry = dana.getByRole('article', { name: 'trusted-registry' });
  await expect(registry).toContainText('Refuses');
  await expect(registry.getByRole('listitem')).toHaveText([/^contoso\.azurecr\.io\/\*\s+everything beneath contoso\.azurecr\.io$/, /^mcr\.microsoft\.com\/\*/]);
  await expect(registry).toContainText('To pass: Use an image of one of the trusted registries');

  const label = dana.getByRole('article', { name: 'required-label' });
  await expect(label).toContainText('Labels on every Deployment, StatefulSet and DaemonSet');
  await expect(label.getByRole('listitem')).toHaveText([/^app\.kubernetes\.io\/name\s+any value$/]);

  const cluster = dana.getByRole('article', { name: 'rbac-cluster-admin' });
  await expect(cluster).toContainText('No exemption. With every right, nothing that was approved would hold.');
  await expect(cluster.getByRole('link')).toHaveCount(0);

  const sizes = dana.getByRole('region', { name: 'Table of sizes' }).getByRole('row');
  await expect(sizes).toHaveText([/^Size\s*CPU\s*Memory\s*Storage\s*Pods/, /^small\s*2\s*8Gi\s*20Gi\s*20$/, /^medium\s*4\s*16Gi\s*100Gi\s*40$/, /^large\s*8\s*32Gi\s*200Gi\s*80$/]);
  await expect(dana.getByRole('region', { name: 'Environments' })).toContainText(/prod\s*Pod security restricted/);
  await expect(dana.getByRole('region', { name: 'How long things last' })).toContainText(/Network exceptions\s*Up to 90 days/);
  await expect(dana.getByRole('region', { name: 'Never opened' })).toContainText(/10\.240\.0\.0\/16\s*The nodes of weu-1/);
  await expect(dana.getByRole('region', { name: 'Who must agree' }).getByRole('listitem').last()).toHaveText(/^Everything else\s*1 owner, then 1 of security$/);
});

test('a rule that can be exempted from leads to the form with the rule chosen', async ({ as }) => {
  const dana = await as('Dana Developer');
  const path = await ask(dana); // an exemption is always for a namespace
  await approve(await as('Olivia Owner'), path);
  await approve(await as('Sam Security'), path);
  await becomes(dana, path, 'Committed');
  for (const rule of ['trusted-registry', 'required-label']) {
    await dana.goto('/rules');
    await dana.getByRole('link', { name: `Ask for an exemption from ${rule}` }).click();
    await expect(dana).toHaveURL(new RegExp(`/requests/new/exemption\\?rule=${rule}$`));
    await expect(dana.getByRole('heading', { level: 1 })).toHaveText('Request an exemption from a rule');
    await expect(dana.getByRole('radio', { name: rule })).toBeChecked();
  }
});

test('somebody of no tenant may read the rules as well', async ({ as }) => {
  const ada = await as('Ada Admin');
  await ada.goto('/rules#rule-trusted-registry');
  await expect(ada.getByRole('article', { name: 'trusted-registry' })).toBeInViewport();
});
