import { z } from 'zod';

const minBytes = 8;
const maxBytes = 1_024;

/** What may be hashed at all: hashing takes time and memory, so a huge password would be a cheap attack. */
export const submittedPasswordSchema = z
  .string()
  .refine((password) => Buffer.byteLength(password) <= maxBytes, `must have at most ${maxBytes} bytes`);

/** What a person may choose. No rules about kinds of characters: length is what counts (NIST SP 800-63B, 5.1.1). */
export const newPasswordSchema = submittedPasswordSchema.refine(
  (password) => Buffer.byteLength(password) >= minBytes,
  `must have at least ${minBytes} bytes`,
);
