import { GraphQLError, type ASTVisitor, type ValidationContext } from 'graphql';

/** A variable by this name is refused: as a key of an object it would be lost, with its default value, and nobody told. */
export function variableNameRule(context: ValidationContext): ASTVisitor {
  return {
    VariableDefinition(definition) {
      if (definition.variable.name.value !== '__proto__') return;
      context.reportError(
        new GraphQLError('Variable "$__proto__" has a name that no value can be given by.', { nodes: definition }),
      );
    },
  };
}
