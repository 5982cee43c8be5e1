import type { ZodType } from 'zod';
import { AppError } from './app-error.js';

/**
 * Checks what a caller sent against a schema.
 *
 * @returns the parsed value
 * @throws AppError `BAD_USER_INPUT`, `details.fields` naming every faulty field with its reason
 */
export function parseInput<T>(schema: ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), reason: issue.message }));
  const summary = fields.map(({ field, reason }) => (field === '' ? reason : `${field}: ${reason}`)).join('; ');
  throw new AppError('BAD_USER_INPUT', `Input is not valid: ${summary}`, { details: { fields } });
}
