import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  visit,
  type ASTVisitor,
  type DirectiveNode,
  type OperationDefinitionNode,
  type ValidationContext,
} from 'graphql';

/**
 * What the proposal of `@defer` asks of documents beyond its definition: labels tell fragments apart, the fields of a
 * mutation's root come one after the other and so cannot come later, and the events of a subscription are whole.
 */
export function deferRule(context: ValidationContext): ASTVisitor {
  const labels = new Map<string, DirectiveNode>();
  const fault = (message: string, ...nodes: DirectiveNode[]): void =>
    context.reportError(new GraphQLError(message, { nodes }));

  function checkSubscription(operation: OperationDefinitionNode): void {
    for (const definition of [operation, ...context.getRecursivelyReferencedFragments(operation)]) {
      visit(definition, {
        Directive(directive) {
          if (directive.name.value === 'defer' && !isNever(directive)) {
            fault('Directive "@defer" is not allowed in a subscription: its events are whole.', directive);
          }
        },
      });
    }
  }

  return {
    OperationDefinition(operation) {
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) checkSubscription(operation);
    },
    Directive(directive) {
      if (directive.name.value !== 'defer') return;
      const parent = context.getParentType();
      if (parent != null && parent === context.getSchema().getMutationType()) {
        fault('Directive "@defer" is not allowed on the root of a mutation.', directive);
      }
      const label = valueOf(directive, 'label');
      if (label === undefined || label.kind === Kind.NULL) return;
      if (label.kind !== Kind.STRING) return fault('Label of "@defer" must be a text in the document.', directive);
      const before = labels.get(label.value);
      if (before === undefined) labels.set(label.value, directive);
      else fault('Label of "@defer" must not be used twice.', before, directive);
    },
  };
}

function isNever(directive: DirectiveNode): boolean {
  const condition = valueOf(directive, 'if');
  return condition?.kind === Kind.VARIABLE || (condition?.kind === Kind.BOOLEAN && !condition.value);
}

function valueOf(directive: DirectiveNode, name: string) {
  return directive.arguments?.find((given) => given.name.value === name)?.value;
}
