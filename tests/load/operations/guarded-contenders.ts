import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTokenIssuer } from '../../support/token-issuer.js';
import type { Contender } from '../gateway/contenders/contender.js';
import { proxy } from '../gateway/contenders/proxy.js';
import { stock } from '../gateway/contenders/stock.js';
import { tesseraWith } from '../gateway/contenders/tessera.js';

/** Contenders that know who calls, and what they need while they run. */
export interface GuardedContenders {
  readonly contenders: readonly Contender[];
  close(): Promise<void>;
}

/** High enough that nobody is refused, so that everybody is counted. */
const generous = '1000000/s burst 1000000';
const tokenLifetimeSeconds = 3_600;
const probe = '{ __typename }';

/**
 * Tessera with all its limits on, asked by the id of an operation that is registered, where nothing else is served; Apollo's
 * gateway behind the same check of the token, asked by the operation's text; and the proxy, which checks nothing.
 */
export async function createGuardedContenders(query: string): Promise<GuardedContenders> {
  const issuer = await startTokenIssuer();
  const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-manifest-'));
  const manifestPath = join(folder, 'manifest.json');
  await writeFile(manifestPath, manifestOf([query, probe]));
  const token = await issuer.issue({ tid: randomUUID() }, { lifetimeSeconds: tokenLifetimeSeconds });
  const headers = { authorization: `Bearer ${token}` };
  const guarded = tesseraWith({
    JWKS_URL: issuer.jwksUrl,
    OPERATION_MANIFESTS_PATH: manifestPath,
    PERSISTED_OPERATIONS: 'safelist',
    RATE_LIMITS: 'production',
    RATE_LIMIT_ANONYMOUS: generous,
    RATE_LIMIT_PERSON: generous,
    RATE_LIMIT_PLANS: `*=${generous}`,
    RATE_LIMIT_PERSON_COST: generous,
    RATE_LIMIT_PLANS_COST: `*=${generous}`,
  });
  return {
    contenders: [
      { ...guarded, headers, bodyOf: (text, variables) => JSON.stringify({ documentId: idOf(text), variables }) },
      stockSignedIn(issuer.jwksUrl, headers),
      proxy,
    ],
    async close() {
      await issuer.close();
      await rm(folder, { recursive: true });
    },
  };
}

function stockSignedIn(jwksUrl: string, headers: Contender['headers']): Contender {
  const script = fileURLToPath(new URL('../gateway/contenders/stock-signed-in-process.js', import.meta.url));
  return {
    ...stock,
    ...(headers !== undefined && { headers }),
    command: ({ supergraphPath, port }) => [script, supergraphPath, String(port), jwksUrl],
  };
}

/** As Relay's compiler writes it: texts by their ids. */
function manifestOf(queries: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(queries.map((text) => [idOf(text), text])));
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
