import { parseArgs } from 'node:util';
import { PasswordHasher } from '@tessera/auth/passwords/password-hasher';
import { createAuthenticate } from '@tessera/gateway/guards/authenticate';
import { createKeySet } from '@tessera/gateway/guards/key-set';
import {
  apiKeyPath,
  encodePrincipal,
  hashApiKey,
  servicePrincipal,
  signPrincipal,
  tokenPath,
} from '@tessera/service/identity';
import { newId } from '@tessera/service/database';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { quietLogger } from '../../support/leftovers.js';
import { anonymous, aUser, principalSecret } from '../../support/subgraph-harness.js';
import { startTokenIssuer } from '../../support/token-issuer.js';
import { formatTable } from '../table.js';

const concurrency = 8;

type Operation = (worker: number) => Promise<unknown>;

interface Rate {
  readonly perSecond: number;
  /** Of this process: the subgraph and who asks it; PostgreSQL is another. */
  readonly processorMs: number;
}

/** Measures what proving who somebody is costs, PostgreSQL included, and checks of tokens as the gateway does them. */
export async function benchAuth(commandLine: readonly string[]): Promise<void> {
  const options = { seconds: { type: 'string', default: '5' } } as const;
  const seconds = Number(parseArgs({ args: [...commandLine], options }).values.seconds);
  const harness = await startAuthHarness({ SIGN_IN_FREE_FAILURES: '0' });
  try {
    const hasher = await PasswordHasher.create();
    const cases: Readonly<Record<string, Operation>> = {
      'bare hash': () => hasher.verify(password, hasher.decoy),
      'sign-in by password': await signIns(harness),
      refresh: await refreshes(harness),
      'client credentials': await clientCredentials(harness),
      'API key': await apiKeyChecks(harness),
      'bare hash again': () => hasher.verify(password, hasher.decoy),
      'access token, first time': await tokenChecks(20_000, true),
      'access token, known': await tokenChecks(1, false),
    };
    const rows: string[][] = [];
    for (const [name, operation] of Object.entries(cases)) {
      const { perSecond, processorMs } = await measure(operation, name.endsWith('first time') ? 1 : seconds);
      rows.push([name, perSecond.toFixed(0), processorMs.toFixed(3)]);
    }
    process.stdout.write(
      `${concurrency} at a time\n${formatTable(['what', 'per second', 'ms of processor time'], rows, 1)}\n`,
    );
  } finally {
    await harness.stop();
  }
}

async function measure(operation: Operation, seconds: number): Promise<Rate> {
  for (let worker = 0; worker < concurrency; worker += 1) await operation(worker);
  const startedAtMs = performance.now();
  const before = process.cpuUsage();
  const endsAtMs = startedAtMs + seconds * 1_000;
  let count = 0;
  const work = async (worker: number): Promise<void> => {
    while (performance.now() < endsAtMs) {
      await operation(worker);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, worker) => work(worker)));
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: (count * 1_000) / (performance.now() - startedAtMs),
    processorMs: (user + system) / 1_000 / count,
  };
}

async function signIns(harness: AuthHarness): Promise<Operation> {
  const people = await Promise.all(
    Array.from({ length: concurrency }, (_, worker) => harness.signUp(`signs-in-${worker}`)),
  );
  const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }';
  return async (worker) => {
    const answer = await harness.request(anonymous, query, { i: { email: people[worker]?.email, password } });
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  };
}

/** Each worker goes on with the token that it got last. */
async function refreshes(harness: AuthHarness): Promise<Operation> {
  const people = await Promise.all(
    Array.from({ length: concurrency }, (_, worker) => harness.signUp(`refreshes-${worker}`)),
  );
  const tokens = people.map((person) => person.tokens.refreshToken);
  return async (worker) => {
    tokens[worker] = (await harness.refresh(tokens[worker] ?? '')).refreshToken;
  };
}

const anAdmin = () => aUser({ tenantId: newId(), role: 'TENANT_ADMIN' });

async function clientCredentials(harness: AuthHarness): Promise<Operation> {
  const query =
    'mutation ($input: CreateMachineClientInput!) { createMachineClient(input: $input) { client { id } secret } }';
  const { data } = await harness.request(anAdmin(), query, { input: { name: 'bench', scopes: ['files:read'] } });
  const { client, secret } = data.createMachineClient;
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: secret };
  const body = new URLSearchParams(form).toString();
  const contentType = { 'content-type': 'application/x-www-form-urlencoded' };
  return () => sendAsGateway(harness, 'POST', tokenPath, body, contentType);
}

async function apiKeyChecks(harness: AuthHarness): Promise<Operation> {
  const query = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }';
  const { data } = await harness.request(anAdmin(), query, { input: { name: 'bench', scopes: ['files:read'] } });
  return () => sendAsGateway(harness, 'GET', apiKeyPath(hashApiKey(data.createApiKey.token)), '', {});
}

const caller = { principal: encodePrincipal(servicePrincipal()) };

async function sendAsGateway(
  { url }: AuthHarness,
  method: 'GET' | 'POST',
  path: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const signature = signPrincipal(principalSecret, { audience: 'auth', method, path, body }, caller, Date.now());
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...headers, ...signature },
    ...(method === 'POST' && { body }),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${path} was answered with status ${response.status}`);
  await response.json();
}

/** @param isNew whether each token is checked once, as if nobody had come with it before */
async function tokenChecks(count: number, isNew: boolean): Promise<Operation> {
  const issuer = await startTokenIssuer();
  const keySet = createKeySet({ url: issuer.jwksUrl, logger: quietLogger() });
  const authenticate = createAuthenticate({ keySet, isRevoked: () => false });
  const headers: string[] = [];
  for (let made = 0; made < count; made += 1)
    headers.push(`Bearer ${await issuer.issue({}, { lifetimeSeconds: 600 })}`);
  await authenticate(headers[0]);
  await issuer.close();
  let next = 0;
  return async () => {
    if (isNew) next = (next + 1) % count;
    return authenticate(headers[next]);
  };
}
