import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { credentialsUsage, openPlatform } from './platform-client.js';
import { writeUsageFile } from './usage/usage-of-file.js';
import { readUsage } from './usage/usage-of-platform.js';

const help = `npm run schema:usage -- --out FILE [--url URL] [--days N]

  Writes which clients use what of the schema into a file for schema:check, for pipelines that cannot reach the platform.
  ${credentialsUsage}
`;

try {
  process.stdout.write(`${await exportUsage()}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function exportUsage(): Promise<string> {
  const options = {
    out: { type: 'string' },
    url: { type: 'string', default: 'http://localhost:4000/graphql' },
    days: { type: 'string', default: '30' },
  } as const;
  const { out, url, days } = parseArgs({ options }).values;
  if (out === undefined || !(Number(days) > 0)) throw new Error(help);
  const usage = await readUsage(await openPlatform(url, process.env), Number(days));
  await writeFile(out, writeUsageFile(usage, Number(days), new Date()));
  return `${usage.length} uses of the last ${days} days are in ${out}`;
}
