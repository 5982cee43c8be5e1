import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Over plain HTTP only on this machine (RFC 8252, 8.3): anywhere else a token could be read on its way. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}

const issuerSchema = z.string().refine(isSafeUrl, 'must be an https URL');
const redirectUriSchema = z
  .string()
  .refine((text) => isSafeUrl(text) && !/[?#]/.test(text), 'must be an https URL without query and fragment');

const providerSchema = z
  .strictObject({
    /** Names it to front ends. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be small letters, digits and dashes'),
    /** Shown on its button. */
    name: z.string().min(1).max(64),
    issuer: issuerSchema,
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).optional(),
    /** A file that holds the secret. */
    clientSecretFile: z.string().min(1).optional(),
    scopes: z.array(z.string().min(1)).default(['openid', 'email', 'profile']),
    /** Where the provider may send people back to: compared letter by letter (RFC 9700, 2.1). */
    redirectUris: z.array(redirectUriSchema).min(1),
  })
  .transform(({ clientSecretFile, clientSecret, ...provider }, issues) => {
    if (clientSecretFile === undefined) return { ...provider, clientSecret };
    try {
      return { ...provider, clientSecret: readFileSync(clientSecretFile, 'utf8').trim() };
    } catch {
      issues.addIssue({ code: 'custom', message: 'clientSecretFile cannot be read' });
      return z.NEVER;
    }
  });

/** An identity provider that people may sign in with. */
export type OidcProvider = Readonly<z.infer<typeof providerSchema>>;

/** A JSON list of providers. */
export const oidcProvidersField = z
  .string()
  .transform((text, issues): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      issues.addIssue({ code: 'custom', message: 'must be a JSON list' });
      return z.NEVER;
    }
  })
  .pipe(z.array(providerSchema))
  .refine((providers) => new Set(providers.map(({ id }) => id)).size === providers.length, 'has one id twice')
  // Else one that lies could be handed what another has answered (RFC 9700, 4.4.2.2): not all of them say who they are.
  .refine(
    (providers) => isEachOnce(providers.flatMap(({ redirectUris }) => [...new Set(redirectUris.map(normalise))])),
    'sends people of two providers back to one place: each needs redirectUris of its own',
  );

const normalise = (uri: string): string => new URL(uri).href;
const isEachOnce = (texts: readonly string[]): boolean => new Set(texts).size === texts.length;
