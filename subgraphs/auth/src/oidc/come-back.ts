import { sqlOf } from '@tessera/service/database';
import { parseInput } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { OidcClient, ProvenIdentity } from './oidc-client.js';
import type { OidcFlows } from './oidc-flow.js';

const startSchema = z.object({ providerId: z.string().max(64), redirectUri: z.string().max(2_048) });
const completeSchema = z.object({ flowId: z.string().max(64), callbackUrl: z.url().max(8_192) });

/** Where a person is sent, and what their browser keeps. */
export interface OidcStart {
  readonly flowId: string;
  readonly authorizationUrl: string;
  readonly expiresAt: Date;
}

export const parseStart = (input: unknown): z.infer<typeof startSchema> => parseInput(startSchema, input);

export interface ComeBackOptions {
  readonly openScope: () => DataScope;
  readonly client: OidcClient;
  readonly flows: OidcFlows;
}

export interface ComingBack extends ProvenIdentity {
  readonly providerId: string;
}

/**
 * Finishes a flow: what the person came back with is exchanged for who they are to the provider.
 *
 * @throws AppError `UNAUTHENTICATED` for a flow that is over, was begun elsewhere or for something else, or that the provider
 *   does not confirm
 */
export async function comeBack(
  { openScope, client, flows }: ComeBackOptions,
  input: unknown,
  userId: string | undefined,
): Promise<ComingBack> {
  const { flowId, callbackUrl } = parseInput(completeSchema, input);
  const flow = await openScope().write((entityManager) => flows.take(sqlOf(entityManager), flowId, userId));
  if (flow === undefined) throw unauthenticated('WRONG_CREDENTIALS', 'This sign-in is over: begin again');
  const { providerId, redirectUri, secrets } = flow;
  const came = new URL(callbackUrl);
  if (came.origin + came.pathname !== new URL(redirectUri).origin + new URL(redirectUri).pathname) {
    throw unauthenticated('WRONG_CREDENTIALS', 'The provider did not send back to where this sign-in began');
  }
  const callback = new URL(redirectUri);
  callback.search = came.search;
  return { ...(await client.exchange(providerId, callback, secrets)), providerId };
}
