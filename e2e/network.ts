import { type Locator, type Page, expect } from '@playwright/test';

/** Opening is what somebody types into the form for a network exception. */
export interface Opening {
  /** namespace is the one that it is for, as the form offers it. */
  namespace: string;
  direction: 'My pods call out' | 'Others call my pods';
  pods: string;
  peer: 'Another namespace' | 'The internet' | 'An address range' | 'A DNS name';
  peerNamespace: string;
  peerPods: string;
  cidr: string;
  except: string;
  fqdn: string;
  ports: string;
  /** until is a day, such as "2027-02-01". */
  until: string;
  reason: string;
}

/** today stays what it was when the tests began, past midnight too. */
const today = Date.now();

/** day is so many days from today, in UTC, as forms have it. */
export function day(fromToday: number): string {
  return new Date(today + fromToday * 86_400_000).toISOString().slice(0, 10);
}

/** dayWords is that day as sentences have it: "1 Feb 2027". */
export function dayWords(fromToday: number): string {
  const date = new Date(day(fromToday));
  const month = date.toLocaleDateString('en-US', { month: 'short', timeZone: 'UTC' });
  return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
}

/** opening is what nothing is wrong with, but for what the test changes. */
export function opening(changes: Partial<Opening> = {}): Opening {
  return {
    namespace: 'payments-api-dev on weu-1',
    direction: 'My pods call out',
    pods: 'app=api',
    peer: 'The internet',
    peerNamespace: '',
    peerPods: '',
    cidr: '',
    except: '',
    fqdn: '',
    ports: 'TCP 443',
    until: day(2),
    reason: 'The card network’s gateway.',
    ...changes,
  };
}

/** NetworkForm finds the fields of the form for a network exception by what people read beside them. */
export class NetworkForm {
  readonly namespace: Locator;
  readonly direction: Locator;
  readonly pods: Locator;
  readonly peer: Locator;
  readonly peerNamespace: Locator;
  readonly peerPods: Locator;
  readonly cidr: Locator;
  readonly except: Locator;
  readonly fqdn: Locator;
  readonly ports: Locator;
  readonly until: Locator;
  readonly reason: Locator;
  readonly submit: Locator;
  readonly plan: Locator;
  readonly status: Locator;

  constructor(readonly page: Page) {
    this.namespace = page.getByLabel('Namespace', { exact: true });
    this.direction = page.getByRole('radiogroup', { name: 'Direction' });
    this.pods = page.getByLabel(/^Pods(?! there)/);
    this.peer = page.getByRole('radiogroup', { name: 'The other side' });
    this.peerNamespace = page.getByLabel('Namespace there');
    this.peerPods = page.getByLabel('Pods there');
    this.cidr = page.getByLabel('Address range', { exact: true });
    this.except = page.getByLabel('Without');
    this.fqdn = page.getByLabel('DNS name', { exact: true });
    this.ports = page.getByLabel('Ports', { exact: true });
    this.until = page.getByLabel('Until', { exact: true });
    this.reason = page.getByLabel('Reason', { exact: true });
    this.submit = page.getByRole('button', { name: 'Submit request' });
    this.plan = page.getByRole('complementary', { name: 'The plan' });
    this.status = this.plan.locator('#plan-status');
  }

  async fill(want: Opening) {
    await this.namespace.selectOption(want.namespace);
    await this.direction.getByRole('radio', { name: want.direction }).check();
    await this.pods.fill(want.pods);
    await this.peer.getByRole('radio', { name: want.peer }).check();
    if (want.peer === 'Another namespace') {
      await this.peerNamespace.fill(want.peerNamespace);
      await this.peerPods.fill(want.peerPods);
    } else if (want.peer === 'An address range') {
      await this.cidr.fill(want.cidr);
      await this.except.fill(want.except);
    } else if (want.peer === 'A DNS name') {
      await this.fqdn.fill(want.fqdn);
    }
    await this.ports.fill(want.ports);
    await this.until.fill(want.until);
    await this.reason.fill(want.reason);
  }

  /** send submits the form and gives the path of the request's page. */
  async send(): Promise<string> {
    await this.submit.click();
    await expect(this.page).toHaveURL(/\/requests\/\d+$/);
    return new URL(this.page.url()).pathname;
  }
}

/** askToOpen goes through the form and gives the path of the request's page. */
export async function askToOpen(page: Page, want: Opening = opening()): Promise<string> {
  await page.goto('/requests/new/network');
  const form = new NetworkForm(page);
  await form.fill(want);
  return form.send();
}
