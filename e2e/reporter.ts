import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';

/** Counts closes the run with one plain line: how many tests passed, and how many did not. */
export default class Counts implements Reporter {
  private suite?: Suite;

  onBegin(_config: FullConfig, suite: Suite) {
    this.suite = suite;
  }

  // onExit comes after every other reporter has had its say.
  async onExit() {
    const tests = (this.suite?.allTests() ?? []).filter((test) => test.results.length > 0);
    if (tests.length === 0) return; // only listed
    const passed = tests.filter((test) => test.outcome() === 'expected').length;
    console.log(`${passed} passed, ${tests.length - passed} failed`);
  }

  printsToStdio() {
    return true;
  }
}
