import { newId } from '@tessera/service/database';
import {
  apiKeyPath,
  encodePrincipal,
  hashApiKey,
  servicePrincipal,
  tokenPath,
  type ClientDetails,
  type Principal,
} from '@tessera/service/identity';
import { password, principalOf } from '../../support/auth-harness.js';
import { anonymous, aUser } from '../../support/subgraph-harness.js';
import type { AuthClient } from './auth-client.js';

/** Does once what is measured. @param worker which of those that do it side by side */
export type Operation = (worker: number) => Promise<unknown>;

export interface AuthOperations extends Readonly<Record<string, Operation>> {
  /** By password. */
  readonly signIn: Operation;
}

/** What is asked of the auth subgraph, ready to be repeated by so many workers. */
export async function prepareOperations(client: AuthClient, workers: number): Promise<AuthOperations> {
  return {
    signIn: await signIns(client, workers),
    refresh: await refreshes(client, workers),
    'client credentials': await clientCredentials(client),
    'API key': await apiKeyChecks(client),
  };
}

/** Each worker is a person at a place of their own. */
const placeOf = (worker: number): ClientDetails => ({
  address: `192.0.2.${worker + 1}`,
  userAgent: 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36',
});

interface SignUpAnswer {
  readonly signUp: { readonly tokens: { readonly accessToken: string; readonly refreshToken: string } };
}

function signUp(client: AuthClient, email: string, worker: number): Promise<SignUpAnswer> {
  const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken refreshToken } } }';
  return client.ask(query, { input: { email, password, displayName: 'Bench' } }, anonymous, placeOf(worker));
}

async function signIns(client: AuthClient, workers: number): Promise<Operation> {
  const emailOf = (worker: number): string => `signs-in-${worker}@example.com`;
  for (let worker = 0; worker < workers; worker += 1) await signUp(client, emailOf(worker), worker);
  const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }';
  return (worker) => client.ask(query, { i: { email: emailOf(worker), password } }, anonymous, placeOf(worker));
}

/** Each worker goes on with the token that it got last. */
async function refreshes(client: AuthClient, workers: number): Promise<Operation> {
  const tokens: string[] = [];
  for (let worker = 0; worker < workers; worker += 1) {
    tokens.push((await signUp(client, `refreshes-${worker}@example.com`, worker)).signUp.tokens.refreshToken);
  }
  const query = 'mutation ($t: String!) { refreshTokens(refreshToken: $t) { accessToken refreshToken expiresIn } }';
  return async (worker) => {
    const { refreshTokens } = await client.ask<{ readonly refreshTokens: { readonly refreshToken: string } }>(
      query,
      { t: tokens[worker] },
      anonymous,
      placeOf(worker),
    );
    tokens[worker] = refreshTokens.refreshToken;
  };
}

/** Somebody who has just signed up, and administers a tenant. */
async function anAdmin(client: AuthClient): Promise<Principal> {
  const { tokens } = (await signUp(client, `${newId()}@example.com`, 0)).signUp;
  const { tenantId, roles, scopes } = aUser({ tenantId: newId(), role: 'TENANT_ADMIN' });
  return { ...principalOf(tokens.accessToken), tenantId, roles, scopes };
}

/** The gateway itself. */
const principal = encodePrincipal(servicePrincipal());

async function clientCredentials(client: AuthClient): Promise<Operation> {
  const query =
    'mutation ($input: CreateMachineClientInput!) { createMachineClient(input: $input) { client { id } secret } }';
  const { createMachineClient } = await client.ask<{
    readonly createMachineClient: { readonly client: { readonly id: string }; readonly secret: string };
  }>(query, { input: { name: 'bench', scopes: ['files:read'] } }, await anAdmin(client));
  const { client: made, secret } = createMachineClient;
  const form = { grant_type: 'client_credentials', client_id: made.id, client_secret: secret };
  const body = new URLSearchParams(form).toString();
  const contentType = 'application/x-www-form-urlencoded';
  return () => client.send({ method: 'POST', path: tokenPath, body, contentType, principal });
}

async function apiKeyChecks(client: AuthClient): Promise<Operation> {
  const query = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { token } }';
  const { createApiKey } = await client.ask<{ readonly createApiKey: { readonly token: string } }>(
    query,
    { input: { name: 'bench', scopes: ['files:read'] } },
    await anAdmin(client),
  );
  const path = apiKeyPath(hashApiKey(createApiKey.token));
  return () => client.send({ method: 'GET', path, body: '', principal });
}
