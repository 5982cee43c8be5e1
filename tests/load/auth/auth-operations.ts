import { newId } from '@tessera/service/database';
import {
  apiKeyPath,
  encodePrincipal,
  hashApiKey,
  servicePrincipal,
  signPrincipal,
  tokenPath,
  type Principal,
} from '@tessera/service/identity';
import { password } from '../../support/auth-harness.js';
import { anonymous, aUser, principalSecret, sendSigned } from '../../support/subgraph-harness.js';

/** Does once what is measured. @param worker which of those that do it side by side */
export type Operation = (worker: number) => Promise<unknown>;

/** What is asked of the auth subgraph, ready to be repeated by so many workers. */
export async function prepareOperations(url: string, workers: number): Promise<Readonly<Record<string, Operation>>> {
  return {
    'sign-in by password': await signIns(url, workers),
    refresh: await refreshes(url, workers),
    'client credentials': await clientCredentials(url),
    'API key': await apiKeyChecks(url),
  };
}

interface SignUpAnswer {
  readonly signUp: { readonly tokens: { readonly refreshToken: string } };
}

async function ask<Data>(url: string, principal: Principal, query: string, variables: object): Promise<Data> {
  const endpoint = { subgraph: 'auth', url: `${url}/graphql` };
  const { data, errors } = await sendSigned<Data>(endpoint, principal, query, variables);
  if (errors !== undefined || data === undefined || data === null) throw new Error(JSON.stringify(errors));
  return data;
}

function signUp(url: string, email: string): Promise<SignUpAnswer> {
  const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { refreshToken } } }';
  return ask<SignUpAnswer>(url, anonymous, query, { input: { email, password, displayName: 'Bench' } });
}

async function signIns(url: string, workers: number): Promise<Operation> {
  const emailOf = (worker: number): string => `signs-in-${worker}@example.com`;
  for (let worker = 0; worker < workers; worker += 1) await signUp(url, emailOf(worker));
  const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }';
  return (worker) => ask(url, anonymous, query, { i: { email: emailOf(worker), password } });
}

/** Each worker goes on with the token that it got last. */
async function refreshes(url: string, workers: number): Promise<Operation> {
  const tokens: string[] = [];
  for (let worker = 0; worker < workers; worker += 1) {
    tokens.push((await signUp(url, `refreshes-${worker}@example.com`)).signUp.tokens.refreshToken);
  }
  const query = 'mutation ($t: String!) { refreshTokens(refreshToken: $t) { accessToken refreshToken expiresIn } }';
  return async (worker) => {
    const { refreshTokens } = await ask<{ readonly refreshTokens: { readonly refreshToken: string } }>(
      url,
      anonymous,
      query,
      { t: tokens[worker] },
    );
    tokens[worker] = refreshTokens.refreshToken;
  };
}

const anAdmin = () => aUser({ tenantId: newId(), role: 'TENANT_ADMIN' });

async function clientCredentials(url: string): Promise<Operation> {
  const query =
    'mutation ($input: CreateMachineClientInput!) { createMachineClient(input: $input) { client { id } secret } }';
  const { createMachineClient } = await ask<{
    readonly createMachineClient: { readonly client: { readonly id: string }; readonly secret: string };
  }>(url, anAdmin(), query, { input: { name: 'bench', scopes: ['files:read'] } });
  const { client, secret } = createMachineClient;
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: secret };
  const body = new URLSearchParams(form).toString();
  const contentType = { 'content-type': 'application/x-www-form-urlencoded' };
  return () => sendAsGateway(url, 'POST', tokenPath, body, contentType);
}

async function apiKeyChecks(url: string): Promise<Operation> {
  const query = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }';
  const { createApiKey } = await ask<{ readonly createApiKey: { readonly token: string } }>(url, anAdmin(), query, {
    input: { name: 'bench', scopes: ['files:read'] },
  });
  return () => sendAsGateway(url, 'GET', apiKeyPath(hashApiKey(createApiKey.token)), '', {});
}

const caller = { principal: encodePrincipal(servicePrincipal()) };

async function sendAsGateway(
  url: string,
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
