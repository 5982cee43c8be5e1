import { valueFromASTUntyped, type OperationDefinitionNode } from 'graphql';
import type { GivenVariables } from './amount.js';

/** What variables are that a request leaves out. */
export function variableDefaults({ variableDefinitions = [] }: OperationDefinitionNode): GivenVariables {
  return Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)]],
    ),
  );
}
