import { z } from 'zod';
import { isPolicyNetwork } from './networks.js';

/** Event by which the tenant subgraph announces what holds for sessions in a tenant from now on: {@link securityPolicySchema}. */
export const securityPolicyEventType = 'tenant.securityPolicyChanged';

/** `password`, `email` (a mailed code or link), `passkey`, `oidc` (any identity provider) or `oidc:<id of a provider>`. */
export const signInWaySchema = z
  .string()
  .regex(/^(?:password|email|passkey|oidc(?::[\w.-]{1,64})?)$/, 'is no sign-in way');

/** What a tenant asks of those who act in it. A rule that is null, false or empty asks for nothing. */
export const securityPolicySchema = z.object({
  /** How often it has been changed; 0 for a tenant that never has. */
  version: z.number().int().nonnegative(),
  /** Whether a session must have been proven with a second factor, or with a passkey. */
  isMfaRequired: z.boolean(),
  /** How long ago its person may have proven who they are. */
  maxSessionMinutes: z.number().int().positive().nullable(),
  /** How long it may have gone without being refreshed since then. */
  maxIdleMinutes: z.number().int().positive().nullable(),
  /** How it may have been opened; see {@link signInWaySchema}. */
  signInWays: z.array(z.string()),
  /** From where requests may come; see {@link isPolicyNetwork}. */
  networks: z.array(z.string().refine(isPolicyNetwork, 'is no address or network')),
});

export type SecurityPolicy = Readonly<z.infer<typeof securityPolicySchema>>;

/** What holds for a tenant that has never said anything. */
export const noSecurityPolicy: SecurityPolicy = Object.freeze({
  version: 0,
  isMfaRequired: false,
  maxSessionMinutes: null,
  maxIdleMinutes: null,
  signInWays: [],
  networks: [],
});

/** Whether a policy asks for anything at all. */
export function hasRules(policy: SecurityPolicy): boolean {
  const { isMfaRequired, maxSessionMinutes, maxIdleMinutes, signInWays, networks } = policy;
  return (
    isMfaRequired ||
    maxSessionMinutes !== null ||
    maxIdleMinutes !== null ||
    signInWays.length > 0 ||
    networks.length > 0
  );
}
