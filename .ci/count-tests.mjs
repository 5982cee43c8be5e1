// Counts the tests of a run by the reports of jest, the later runs last: count-tests.mjs REPORT...
import { readFileSync } from 'node:fs';

const firstRun = new Map();
const lastRun = new Map();
for (const path of process.argv.slice(2)) {
  for (const suite of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    if (!firstRun.has(suite.name)) firstRun.set(suite.name, suite);
    lastRun.set(suite.name, suite);
  }
}

let passed = 0;
let failed = 0;
for (const [name, { status, assertionResults }] of lastRun) {
  const failures = assertionResults.filter((test) => test.status === 'failed').length;
  passed += assertionResults.filter((test) => test.status === 'passed').length;
  // A suite that could not even run has no failed test to count.
  failed += status === 'failed' ? Math.max(failures, 1) : failures;
  if (status === 'passed' && firstRun.get(name).status === 'failed') console.log(`unsteady: ${name}`);
}
if (lastRun.size === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
