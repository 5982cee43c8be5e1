import { z } from 'zod';

const base64url = z
  .string()
  .max(16_384)
  .regex(/^[\w-]+$/, 'must be base64url');

/** What all answers of authenticators have in common (WebAuthn Level 3, 5.1: `toJSON`). Extensions are not asked for. */
const credentialFields = {
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  clientExtensionResults: z
    .unknown()
    .optional()
    .transform(() => ({})),
};

const transports = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'] as const;

/** The answer to a registration, with the fields that are looked at. */
export const registrationResponseSchema = z.object({
  ...credentialFields,
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    // What an authenticator of tomorrow adds is left out.
    transports: z
      .array(z.string())
      .transform((names) => transports.filter((name) => names.includes(name)))
      .default([]),
  }),
});

/** The answer to a sign-in. */
export const signInResponseSchema = z.object({
  ...credentialFields,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url,
  }),
});
