import { parseArgs } from 'node:util';
import { openPlatform } from './platform-client.js';
import { createFileUsage } from './usage/usage-of-file.js';
import { createPlatformUsage } from './usage/usage-of-platform.js';
import type { UsageSource } from './usage/usage-source.js';

/** What the command line of `npm run schema:check` says. */
export interface CheckOptions {
  readonly allowBreaking: boolean;
  /** A supergraph to compare with, in place of a revision's. */
  readonly baseFile: string | undefined;
  /** A supergraph to check, in place of this repository's. */
  readonly supergraphFile: string | undefined;
  /** Where it is known who uses what. */
  readonly usage: UsageSource | undefined;
}

const help = `npm run schema:check -- [--base FILE] [--supergraph FILE] [--usage URL|FILE [--days N]] [--allow-breaking]

  --base            the supergraph that clients have now; else the one of the git revision SCHEMA_BASE, or HEAD
  --supergraph      the supergraph to check; else this repository's, whose files must be fresh then
  --usage           a platform's GraphQL endpoint (TESSERA_TOKEN, or TESSERA_EMAIL and TESSERA_PASSWORD, of a SUPER_ADMIN), or a
                    file of npm run schema:usage: what breaks nobody's operations of the last --days (30) is let through
  --allow-breaking  lets everything through
`;

/** @throws Error for options that make no sense, and for usage that cannot be had */
export async function readCheckOptions(
  commandLine: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<CheckOptions> {
  const values = parse(commandLine);
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1) throw new Error(help);
  return {
    allowBreaking: values['allow-breaking'],
    baseFile: values.base,
    supergraphFile: values.supergraph,
    usage: values.usage === undefined ? undefined : await openUsage(values.usage, days, environment),
  };
}

function parse(commandLine: readonly string[]) {
  try {
    return parseArgs({
      args: [...commandLine],
      options: {
        'allow-breaking': { type: 'boolean', default: false },
        base: { type: 'string' },
        supergraph: { type: 'string' },
        usage: { type: 'string' },
        days: { type: 'string', default: '30' },
      },
    }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${help}`, { cause: error });
  }
}

async function openUsage(place: string, days: number, environment: NodeJS.ProcessEnv): Promise<UsageSource> {
  const isUrl = /^https?:\/\//.test(place);
  const usage = isUrl
    ? createPlatformUsage(await openPlatform(place, environment), days)
    : await createFileUsage(place);
  // Who turned counting on an hour ago would be told that nobody uses anything.
  if (await usage.isEmpty()) throw new Error(`${place} knows of no use at all: nothing can be said by it`);
  return usage;
}
