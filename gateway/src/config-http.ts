import { booleanField, ConfigError, countField } from '@tessera/service/config';
import { z } from 'zod';

const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

/** `https://app.example.com`, `https://*.example.com`, `http://localhost:*`: a scheme and a host, with or without a port. */
const originPattern = /^https?:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:(\d{1,5}|\*))?$/;

const localOrigins: readonly string[] = ['localhost', '127.0.0.1'].flatMap((host) => [
  `http://${host}`,
  `http://${host}:*`,
  `https://${host}`,
  `https://${host}:*`,
]);

const originsField = z.string().transform((text, check): readonly string[] => {
  const origins = listed(text.toLowerCase());
  if (origins.length === 1 && origins[0] === 'none') return [];
  if (origins.includes('local')) return [...origins.filter((origin) => origin !== 'local'), ...localOrigins];
  for (const origin of origins) {
    if (origin !== '*' && !originPattern.test(origin)) {
      check.addIssue({
        code: 'custom',
        message:
          'must be a list of origins such as https://app.example.com or https://*.example.com, `local`, `none` or *',
      });
    }
  }
  return origins;
});

const headersField = z.string().transform((text, check): readonly string[] => {
  const names = listed(text.toLowerCase());
  if (!names.every((name) => headerName.test(name))) {
    check.addIssue({ code: 'custom', message: 'must be a list of names of headers' });
  }
  return names;
});

/** What browsers and other clients may do over HTTP. */
export const httpFields = {
  /** Pages of which origins may ask this gateway from a browser, over HTTP and WebSocket: exact, by pattern, `local`, `*`, `none`. */
  CORS_ORIGINS: originsField.optional(),
  /** Whether browsers may send cookies along. Tessera has none; subgraphs of others may. */
  CORS_CREDENTIALS: booleanField.default(false),
  /** Request headers that pages of other origins may set. Without it: those they ask for. */
  CORS_HEADERS: headersField.optional(),
  /** Pages of which origins may have their tokens kept in cookies; without any, nobody's are. They may ask, with credentials. */
  SESSION_COOKIE_ORIGINS: originsField.default([]),
  /** How long browsers may remember that they may. */
  CORS_MAX_AGE_SECONDS: countField.default(600),
  /** How long browsers are to come by HTTPS alone. 0: they are not told. */
  HSTS_MAX_AGE_SECONDS: countField.default(0),
  /** Header lines of one request. */
  MAX_HEADERS: countField.default(100),
  /** Operations of one HTTP request. 1: no batches. */
  MAX_BATCH_SIZE: z.coerce.number().int().min(1).max(100).default(1),
};

type HttpSettings = z.infer<z.ZodObject<typeof httpFields>>;

/** Whose pages may ask where nothing is set: nobody's where callers are authenticated, the developer's own before a foreign supergraph.
 *
 * @throws ConfigError
 */
export function completeOrigins<
  Settings extends HttpSettings & {
    readonly JWKS_URL?: string | undefined;
    readonly API_KEYS_URL?: string | undefined;
  },
>(settings: Settings): Settings & { readonly CORS_ORIGINS: readonly string[] } {
  if (settings.CORS_CREDENTIALS && settings.CORS_ORIGINS?.includes('*')) {
    throw new ConfigError(['CORS_CREDENTIALS: not with CORS_ORIGINS=*, which is everybody']);
  }
  const { CORS_ORIGINS = settings.JWKS_URL === undefined ? localOrigins : [], SESSION_COOKIE_ORIGINS: ofCookies } =
    settings;
  if (ofCookies.length === 0) return { ...settings, CORS_ORIGINS };
  if ([...CORS_ORIGINS, ...ofCookies].includes('*')) {
    throw new ConfigError(['SESSION_COOKIE_ORIGINS: neither * nor with CORS_ORIGINS=*, which is everybody']);
  }
  if (settings.JWKS_URL === undefined || settings.API_KEYS_URL === undefined) {
    throw new ConfigError([
      'SESSION_COOKIE_ORIGINS: only with JWKS_URL and API_KEYS_URL, where there are tokens to keep',
    ]);
  }
  return {
    ...settings,
    CORS_ORIGINS: [...new Set([...CORS_ORIGINS, ...ofCookies])],
    CORS_CREDENTIALS: true,
    CORS_HEADERS: settings.CORS_HEADERS && [...settings.CORS_HEADERS, 'x-session-mode'],
  };
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
