import { z } from 'zod';

/** An address as it is stored and compared: trimmed and in lower case. */
export const emailSchema = z.string().max(320).trim().toLowerCase().pipe(z.email());
