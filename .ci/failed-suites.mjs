// Prints the suites that failed in a run of jest, a path a line, by its report: failed-suites.mjs REPORT
import { readFileSync } from 'node:fs';

const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const { name, status } of testResults) if (status !== 'passed') console.log(name);
