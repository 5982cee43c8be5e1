import { z } from 'zod';

/** Who is calling, as the gateway verified it. Everything that a subgraph decides about rights starts here. */
export const principalSchema = z.object({
  kind: z.enum(['anonymous', 'user', 'key', 'service']),
  /** The person; who made it for an API key; absent for an anonymous caller and for a service. */
  userId: z.uuid().optional(),
  sessionId: z.uuid().optional(),
  /** The API key that the caller came with, in place of a session. */
  apiKeyId: z.uuid().optional(),
  /** Who really acts, where somebody of the platform impersonates the person. */
  impersonatorId: z.uuid().optional(),
  /** The active tenant. */
  tenantId: z.uuid().optional(),
  roles: z.array(z.string()),
  scopes: z.array(z.string()),
});

/** What an access token or API key says of how its bearer got it; gateways know it, and send it to nobody. */
export interface Credentials {
  /** As the token's claim; absent for programs, and in tokens of before. */
  readonly way?: string | undefined;
  readonly hasMfa: boolean;
  /** Milliseconds since the epoch, of the last proof. */
  readonly provenAtMs: number;
  /** Milliseconds since the epoch, of the token. */
  readonly issuedAtMs: number;
  /** Whether the tenant is known to have a security policy. */
  readonly isPolicied: boolean;
}

export type Principal = Readonly<z.infer<typeof principalSchema>> & {
  /** Absent in subgraphs. */
  readonly credentials?: Credentials | undefined;
};

export type UserPrincipal = Principal & { readonly kind: 'user'; readonly userId: string };

/** A person, or a program with a key, in a tenant. */
export type TenantPrincipal = Principal & {
  readonly kind: 'user' | 'key';
  readonly userId: string;
  readonly tenantId: string;
};

export const anonymousPrincipal: Principal = Object.freeze({ kind: 'anonymous', roles: [], scopes: [] });

/** A service acting by itself inside one tenant, or outside all of them. */
export function servicePrincipal(tenantId?: string): Principal {
  return { kind: 'service', roles: [], scopes: [], ...(tenantId === undefined ? {} : { tenantId }) };
}
