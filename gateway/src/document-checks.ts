import type { GraphQLSchema } from 'graphql';
import type { GatewayConfig } from './config.js';
import { createDocumentLimits } from './guards/document-limits.js';
import { assertFiniteNumbers } from './guards/finite-numbers.js';
import { createIntrospectionLimit } from './guards/introspection-limit.js';
import { createOverlapLimit } from './guards/overlap-limit.js';
import type { DocumentChecks } from './operations/check-document.js';

/** What of the configuration decides which documents are let in. */
export type DocumentSettings = Pick<GatewayConfig, (typeof settingNames)[number]>;

const settingNames = [
  'MAX_DEPTH',
  'MAX_ALIASES',
  'MAX_ROOT_FIELDS',
  'MAX_DIRECTIVES',
  'MAX_DEFERRED_FRAGMENTS',
  'MAX_SELECTIONS',
  'MAX_OPERATIONS_PER_DOCUMENT',
  'MAX_FRAGMENTS',
  'MAX_TOKENS',
  'INTROSPECTION',
] as const;

const maxIntrospectionFields = 5;

/** Some 0.1 s of graphql-js's validator; two hundred fragments that select the same in one place come to 20,000. */
const maxFieldComparisons = 30_000;

/** The checks of room 3 that do not depend on who asks: they are made where documents are stored, once for each. */
export function createDocumentChecks(settings: DocumentSettings, schema: GraphQLSchema): DocumentChecks {
  const limits = createDocumentLimits({
    maxDepth: settings.MAX_DEPTH,
    maxAliases: settings.MAX_ALIASES,
    maxRootFields: settings.MAX_ROOT_FIELDS,
    maxDirectives: settings.MAX_DIRECTIVES,
    maxDeferredFragments: settings.MAX_DEFERRED_FRAGMENTS,
    maxSelections: settings.MAX_SELECTIONS,
    maxOperations: settings.MAX_OPERATIONS_PER_DOCUMENT,
    maxFragments: settings.MAX_FRAGMENTS,
  });
  return {
    schema,
    maxTokens: settings.MAX_TOKENS,
    checks: [
      limits,
      createIntrospectionLimit(maxIntrospectionFields),
      createOverlapLimit(maxFieldComparisons),
      assertFiniteNumbers,
    ],
    hideSuggestions: settings.INTROSPECTION === 'nobody',
  };
}

/** The settings alone, for a thread that should know nothing else. */
export function pickDocumentSettings(config: GatewayConfig): DocumentSettings {
  return Object.fromEntries(settingNames.map((name) => [name, config[name]])) as DocumentSettings;
}
