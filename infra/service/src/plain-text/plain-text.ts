import { z } from 'zod';

/**
 * What no name may hold: control characters (PostgreSQL refuses NUL, terminals and mail headers obey others), line and paragraph
 * separators, marks that turn the direction of the text around them (Unicode TR 36, section 2.5), and halves of surrogate pairs.
 */
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/**
 * Schema of a line of text that people read: a name, a title, a reason. Spaces around it are cut off.
 *
 * @param maxLength in UTF-16 units, as GraphQL clients count
 */
export function plainTextSchema(maxLength: number) {
  return z
    .string()
    .refine((text) => !unprintable.test(text), 'must not contain control characters')
    .trim()
    .min(1, 'must not be empty')
    .max(maxLength);
}
