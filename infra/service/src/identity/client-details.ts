import { z } from 'zod';

/** Where a request came from, as the gateway saw it: for sessions and the audit log, never for rights. */
export const clientDetailsSchema = z.object({
  /** An IPv4 address, or an IPv6 network of 64 bits. */
  address: z.string().max(64).optional(),
  /** Where that is, as a proxy in front says: ISO 3166-1 alpha-2. */
  country: z.string().max(2).optional(),
  city: z.string().max(100).optional(),
  /** As the client calls itself. */
  userAgent: z.string().max(256).optional(),
  /** Whether the gateway keeps the client's tokens, in cookies: they are for the gateway alone, by {@link sessionTokensHeader}. */
  hasCookies: z.boolean().optional(),
});

export type ClientDetails = Readonly<z.infer<typeof clientDetailsSchema>>;

/** Nothing is known: a service acts by itself, or the request only reads. */
export const unknownClient: ClientDetails = Object.freeze({});

/** The wire form of a client's details. */
export function encodeClient(client: ClientDetails): string {
  return Buffer.from(JSON.stringify(client)).toString('base64url');
}

/** @throws ZodError or SyntaxError for what {@link encodeClient} did not make */
export function decodeClient(encoded: string): ClientDetails {
  return clientDetailsSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
}
