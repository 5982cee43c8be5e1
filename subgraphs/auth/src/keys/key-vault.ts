import { z } from 'zod';
import type { Seal } from './seal.js';

/** Encrypts the private signing keys for the database: by a secret of the environment, or by a key management service. */
export interface KeyVault {
  /** @param purpose what the text is for: it does not open under another purpose */
  close(plainText: string, purpose: string): string | Promise<string>;
  open(sealed: string, purpose: string): string | Promise<string>;
}

export interface KeyManagementOptions {
  /** Where `/encrypt` and `/decrypt` are. */
  readonly url: string;
  /** Bearer token for it. */
  readonly token: string | undefined;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

/** Tells what the service has encrypted from what the environment's secret has: both open while one replaces the other. */
const prefix = 'kms:';

/** Whether a key management service has encrypted a text, and no secret of ours. */
export const isManaged = (sealed: string): boolean => sealed.startsWith(prefix);

const encryptedSchema = z.object({ ciphertext: z.string().min(1) });
const decryptedSchema = z.object({ plaintext: z.string() });

/**
 * Creates a vault over a key management service behind two routes: `POST /encrypt { plaintext, context }` answers
 * `{ ciphertext }`, `POST /decrypt { ciphertext, context }` answers `{ plaintext }`; plain texts are base64, the context is
 * additional authenticated data. What the seal closed before opens with the seal.
 */
export function createKeyManagementVault(options: KeyManagementOptions, seal: Seal): KeyVault {
  return {
    async close(plainText, purpose) {
      const plaintext = Buffer.from(plainText).toString('base64');
      const { ciphertext } = encryptedSchema.parse(await ask(options, 'encrypt', { plaintext, context: purpose }));
      return prefix + ciphertext;
    },
    async open(sealed, purpose) {
      if (!isManaged(sealed)) return seal.open(sealed, purpose);
      const ciphertext = sealed.slice(prefix.length);
      const { plaintext } = decryptedSchema.parse(await ask(options, 'decrypt', { ciphertext, context: purpose }));
      return Buffer.from(plaintext, 'base64').toString('utf8');
    },
  };
}

async function ask(
  { url, token, timeoutMs = 5_000 }: KeyManagementOptions,
  route: string,
  body: object,
): Promise<unknown> {
  const response = await fetch(`${url.replace(/\/$/, '')}/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`The key management service answered ${route} with status ${response.status}`);
  return response.json();
}
