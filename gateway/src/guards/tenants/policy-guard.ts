import { AppError } from '@tessera/service/errors';
import {
  addressRefusal,
  NetworkLists,
  sessionRefusal,
  type SecurityPolicy,
  type SessionProof,
} from '@tessera/service/security-policy';
import type { RequestContext } from '../../context.js';
import type { TenantFacts } from './ask-tenant.js';
import type { TenantDirectory } from './tenant-directory.js';

/** Who acts in a tenant, and from where. */
export type PolicedCaller = Pick<RequestContext, 'principal' | 'clientAddress'>;

/** Holds callers to the security policies of their tenants, and keeps them out of tenants that are not in use. */
export interface PolicyGuard {
  /**
   * @returns what speaks against a caller acting in the tenant of their token; at once, and undefined, where the tenant asks for
   *   nothing; a promise only while the tenant is not known
   */
  judge(caller: PolicedCaller): AppError | undefined | Promise<AppError | undefined>;
  /** The same for a tenant of which this is known. */
  refusalOf(caller: PolicedCaller, facts: TenantFacts): AppError | undefined;
  /** When a session of that tenant becomes too old; milliseconds since the epoch, undefined for never. */
  endsAtMs(caller: PolicedCaller, facts: TenantFacts): number | undefined;
}

/** @param now milliseconds since the epoch; default `Date.now` */
export function createPolicyGuard(directory: TenantDirectory, now: () => number = Date.now): PolicyGuard {
  const lists = new NetworkLists();

  const refusalOf = ({ principal, clientAddress }: PolicedCaller, facts: TenantFacts): AppError | undefined => {
    const { securityPolicy, isUncertain, isLocked } = facts;
    const { credentials, kind } = principal;
    if (isLocked === true) return notInUse();
    if (securityPolicy === null && isUncertain !== true) return undefined;
    if (securityPolicy === undefined || securityPolicy === null) {
      // Who is known to be held to something waits until it is known to what. The others are let in: else nobody could work while
      // the tenant subgraph is away. Their tokens are older than any policy, so that ends within the lifetime of one.
      return credentials?.isPolicied === true ? unknownPolicy() : undefined;
    }
    const refused = addressRefusal(securityPolicy, clientAddress, lists);
    if (refused !== undefined || kind !== 'user') return refused;
    return sessionRefusal(securityPolicy, proofOf(principal, now()), now());
  };

  return {
    judge(caller) {
      const { tenantId } = caller.principal;
      if (tenantId === undefined) return undefined;
      const facts = directory.factsOf(tenantId);
      if (facts instanceof Promise) return facts.then((known) => refusalOf(caller, known));
      const { securityPolicy, isUncertain, isLocked } = facts;
      if (securityPolicy === null && isUncertain !== true && isLocked !== true) return undefined;
      return refusalOf(caller, facts);
    },
    refusalOf,
    endsAtMs({ principal: { kind, credentials } }, { securityPolicy }) {
      if (kind !== 'user' || securityPolicy === null || securityPolicy === undefined) return undefined;
      return firstEnd(securityPolicy, credentials?.provenAtMs ?? 0, credentials?.issuedAtMs ?? 0);
    },
  };
}

/** A token is as old as its session has gone without being refreshed, as far as is known here. */
function proofOf({ credentials }: PolicedCaller['principal'], nowMs: number): SessionProof {
  const { way = null, hasMfa = false, provenAtMs = 0, issuedAtMs = 0 } = credentials ?? {};
  return { way, hasMfa, provenAtMs, longestGapSeconds: (nowMs - issuedAtMs) / 1_000 };
}

function firstEnd(policy: SecurityPolicy, provenAtMs: number, issuedAtMs: number): number | undefined {
  const { maxSessionMinutes, maxIdleMinutes } = policy;
  if (maxSessionMinutes === null && maxIdleMinutes === null) return undefined;
  const tooOldAtMs = maxSessionMinutes === null ? Infinity : provenAtMs + maxSessionMinutes * 60_000;
  const idleAtMs = maxIdleMinutes === null ? Infinity : issuedAtMs + maxIdleMinutes * 60_000;
  return Math.min(tooOldAtMs, idleAtMs);
}

function unknownPolicy(): AppError {
  return new AppError('SUBGRAPH_UNAVAILABLE', 'The tenant’s security policy cannot be found out at present');
}

/** As auth has it said of the tokens of those who are in such a tenant: the next ones are of none. */
function notInUse(): AppError {
  return new AppError('UNAUTHENTICATED', 'The tenant of this access token is not in use at present: refresh it', {
    details: { reason: 'TENANT_NOT_IN_USE' },
  });
}
