import { type Page, expect } from '@playwright/test';
import { type Document, parseDocument } from 'yaml';
import { git } from './git.ts';
import { type As, Form } from './grants.ts';
import { approve, settled } from './line.ts';
import type { Server } from './server.ts';

/** PolicyForm finds the parts of the form for another policy by what people read beside them. */
export class PolicyForm extends Form {
  /** editor is where the text is typed, with a script. */
  readonly editor = this.page.locator('.policy-editor').getByRole('textbox', { name: 'policy.yaml' });
  /** area is where it is typed without one. */
  readonly area = this.page.locator('textarea[name=document]');
  /** problems is the list under it. */
  readonly problems = this.page.locator('#document-problems');
  readonly file = this.page.getByLabel('Upload a file instead');
  readonly fileStatus = this.page.locator('#file-status');

  /** open goes to the form with the policy in force. */
  async open() {
    await this.page.goto('/requests/new/policy');
    await expect(this.editor).toBeVisible();
  }

  /** typeAtEnd goes on after the last line, the way a person does. */
  async typeAtEnd(text: string) {
    await this.editor.press('Control+End');
    await this.page.keyboard.type(text);
  }

  /** replaceAll puts a text in the place of another, by the editor's own search. */
  async replaceAll(from: string, to: string) {
    await this.editor.press('Control+f');
    const panel = this.page.locator('.policy-editor .cm-search');
    await panel.getByPlaceholder('Find').fill(from);
    await panel.getByPlaceholder('Replace').fill(to);
    await panel.getByRole('button', { name: 'replace all' }).click();
    await this.page.keyboard.press('Escape');
    await expect(panel).toHaveCount(0);
  }

  /** upload chooses a file. */
  async upload(text: string, name = 'policy.yaml') {
    await this.file.setInputFiles({ name, mimeType: 'application/yaml', buffer: Buffer.from(text) });
  }
}

/** policyInForce is the text of the policy at the newest commit. */
export async function policyInForce(server: Server): Promise<string> {
  return (await git(server.repository, 'show', 'HEAD:policy.yaml')) + '\n';
}

/** changed is the policy in force with what a test changes in its document. */
export async function changed(server: Server, change: (document: Document) => void): Promise<string> {
  const document = parseDocument(await policyInForce(server));
  change(document);
  return String(document);
}

/** propose uploads a policy and gives the path of the request's page. */
export async function propose(page: Page, text: string, reason: string): Promise<string> {
  const form = new PolicyForm(page);
  await form.open();
  await form.upload(text);
  await expect(form.fileStatus).toContainText('is in the editor now');
  await form.reason.fill(reason);
  return form.send();
}

/** enact has another policy approved, by an admin and by security, and waits until it is committed. */
export async function enact(as: As, server: Server, change: (document: Document) => void): Promise<string> {
  const ada = await as('Ada Admin');
  const path = await propose(ada, await changed(server, change), 'The platform changes.');
  await approve(await as('Amir Admin'), path);
  await approve(await as('Sam Security'), path);
  await settled(ada, path);
  return path;
}
