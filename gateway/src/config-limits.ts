import { countField } from '@tessera/service/config';
import { z } from 'zod';

const limitField = z.coerce.number().int().positive();

/** Who may ask for the schema: `true` and `false` are everybody and nobody. */
const introspectionField = z
  .enum(['everybody', 'authenticated', 'nobody', 'true', 'false', '1', '0'])
  .transform((who) => (who === 'true' || who === '1' ? 'everybody' : who === 'false' || who === '0' ? 'nobody' : who));

/**
 * How much one operation may ask for, on every transport. What is not set depends on whether this gateway authenticates its
 * callers (`JWKS_URL`): then it is Tessera's own in production; without, it stands before somebody else's supergraph, of
 * which it knows nothing, and refuses bombs alone.
 */
export const limitFields = {
  /** Lexical tokens of a document. */
  MAX_TOKENS: limitField.optional(),
  /** Fields within fields, introspection counted. */
  MAX_DEPTH: limitField.optional(),
  MAX_ALIASES: limitField.optional(),
  MAX_ROOT_FIELDS: limitField.optional(),
  MAX_DIRECTIVES: limitField.optional(),
  /** Fragments of one operation that are deferred (`@defer`), each place where one is spread counted. */
  MAX_DEFERRED_FRAGMENTS: limitField.optional(),
  /** Selections of one operation once its fragments are spread. */
  MAX_SELECTIONS: limitField.optional(),
  MAX_OPERATIONS_PER_DOCUMENT: limitField.optional(),
  MAX_FRAGMENTS: limitField.optional(),
  /** Levels of lists and objects within `variables` and `extensions`. */
  MAX_VARIABLE_DEPTH: limitField.optional(),
  /** Items of one list within `variables`. */
  MAX_LIST_ITEMS: limitField.optional(),
  /** The most that an operation may cost by estimate. 0: estimated, but not limited. */
  MAX_COST: countField.optional(),
  /** How many items a list is taken to have that has no `@listSize`. */
  DEFAULT_LIST_SIZE: limitField.optional(),
  INTROSPECTION: introspectionField.optional(),
};

type LimitSettings = z.infer<z.ZodObject<typeof limitFields>>;

/** Every limit with a value. */
export type Limits = { readonly [Name in keyof Required<LimitSettings>]: NonNullable<LimitSettings[Name]> };

const ofProduction: Limits = {
  MAX_TOKENS: 15_000,
  MAX_DEPTH: 25,
  MAX_ALIASES: 100,
  MAX_ROOT_FIELDS: 50,
  MAX_DIRECTIVES: 200,
  MAX_DEFERRED_FRAGMENTS: 50,
  MAX_SELECTIONS: 5_000,
  MAX_OPERATIONS_PER_DOCUMENT: 50,
  MAX_FRAGMENTS: 500,
  MAX_VARIABLE_DEPTH: 32,
  MAX_LIST_ITEMS: 1_000,
  MAX_COST: 10_000,
  DEFAULT_LIST_SIZE: 10,
  INTROSPECTION: 'authenticated',
};

const ofForeignSupergraph: Limits = {
  ...ofProduction,
  MAX_DEPTH: 50,
  MAX_ALIASES: 500,
  MAX_DIRECTIVES: 1_000,
  MAX_OPERATIONS_PER_DOCUMENT: 200,
  MAX_FRAGMENTS: 1_000,
  MAX_VARIABLE_DEPTH: 128,
  MAX_LIST_ITEMS: 20_000,
  MAX_COST: 0,
  INTROSPECTION: 'everybody',
};

/** Fills in the limits that were not set. */
export function completeLimits<Settings extends LimitSettings & { readonly JWKS_URL?: string | undefined }>(
  settings: Settings,
): Settings & Limits {
  const defaults = settings.JWKS_URL === undefined ? ofForeignSupergraph : ofProduction;
  const chosen = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...settings, ...defaults, ...Object.fromEntries(chosen) };
}
