import { AppError } from '@tessera/service/errors';
import {
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import { deferRule } from './defer-rule.js';
import { subscriptionRootRule } from './subscription-root-rule.js';
import { variableNameRule } from './variable-name-rule.js';
import { OperationRefusal } from '../transport/operation-refusal.js';

/** Against what a document is validated, and how much its faults may tell. */
export interface ValidationSettings {
  readonly schema: GraphQLSchema;
  readonly hideSuggestions: boolean;
}

const rules = [
  ...specifiedRules.filter((rule) => rule !== SingleFieldSubscriptionsRule),
  subscriptionRootRule,
  deferRule,
  variableNameRule,
];

/** More errors than this help nobody, and each costs. */
const maxErrors = 20;

/**
 * Validates a document against the public schema.
 *
 * @throws OperationRefusal `GRAPHQL_VALIDATION_FAILED`, an error for each fault
 */
export function validateDocument(document: DocumentNode, { schema, hideSuggestions }: ValidationSettings): void {
  const errors = runRules(document, schema, hideSuggestions);
  if (errors.length > 0) throw new OperationRefusal(errors.map(format));
}

function runRules(document: DocumentNode, schema: GraphQLSchema, hideSuggestions: boolean): readonly GraphQLError[] {
  try {
    return validate(schema, document, rules, { maxErrors, hideSuggestions });
  } catch (error) {
    if (error instanceof RangeError) throw new AppError('OPERATION_TOO_COMPLEX', 'The document nests too deep');
    throw error;
  }
}

function format(error: GraphQLError): GraphQLFormattedError {
  const { message, locations } = error.toJSON();
  return {
    message,
    ...(locations === undefined ? {} : { locations }),
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  };
}
