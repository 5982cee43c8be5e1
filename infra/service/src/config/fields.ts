import { z } from 'zod';
import { secretsOf } from './secrets.js';

/** Building blocks of configuration schemas: environment variables are strings, settings are not. */

export const portField = z.coerce.number().int().min(0).max(65_535);

export const millisecondsField = z.coerce.number().int().positive();

export const countField = z.coerce.number().int().nonnegative();

export const booleanField = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

/** A shared secret: long enough that guessing it is not an option. */
export const secretField = z.string().min(32, 'must have at least 32 characters');

/** Such secrets, parted by commas: the first is used, the others are accepted beside it. */
export const secretsField = secretsOf(secretField);

export const urlField = z.url();

const postgresProtocols = new Set(['postgres:', 'postgresql:']);

/** A server of PostgreSQL, with or without a database on it. What is in the password of a URL is percent-encoded. */
export const postgresUrlField = z
  .string()
  .refine(
    (text) => postgresProtocols.has(URL.parse(text)?.protocol ?? ''),
    'must be postgres://user:password@host:port/database, the password percent-encoded',
  );

/** A database of PostgreSQL. */
export const databaseUrlField = postgresUrlField.refine(
  (text) => (URL.parse(text)?.pathname ?? '/x').length > 1,
  'names no database: postgres://user:password@host:port/database',
);
