import {
  GraphQLError,
  Kind,
  OperationTypeNode,
  SingleFieldSubscriptionsRule,
  visit,
  type ASTVisitor,
  type DirectiveNode,
  type SelectionNode,
  type ValidationContext,
} from 'graphql';

/**
 * A subscription has one field, always: neither that nor a fragment around it may be left out by `@skip` or `@include`
 * (GraphQL, September 2025, 5.2.4.1: Single Root Field), for then there would be nothing to listen to. Takes the place of
 * graphql-js's rule, which evaluates such conditions without values for their variables and throws where one is asked for.
 */
export function subscriptionRootRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      if (operation.operation !== OperationTypeNode.SUBSCRIPTION) return;
      const selections = rootSelections(operation.selectionSet.selections, context);
      const conditions = selections.flatMap(({ directives = [] }) => directives.filter(isCondition));
      for (const condition of conditions) {
        const message = `Directive "@${condition.name.value}" is not allowed on the root of a subscription.`;
        context.reportError(new GraphQLError(message, { nodes: condition }));
      }
      if (conditions.length === 0) visit(operation, SingleFieldSubscriptionsRule(context));
    },
  };
}

/** What stands on the root, fragments and what stands in them; each fragment once. */
function rootSelections(selections: readonly SelectionNode[], context: ValidationContext): readonly SelectionNode[] {
  const found = [...selections];
  const spread = new Set<string>();
  // It grows while it is walked.
  for (const selection of found) {
    if (selection.kind === Kind.INLINE_FRAGMENT) found.push(...selection.selectionSet.selections);
    if (selection.kind !== Kind.FRAGMENT_SPREAD || spread.has(selection.name.value)) continue;
    spread.add(selection.name.value);
    found.push(...(context.getFragment(selection.name.value)?.selectionSet.selections ?? []));
  }
  return found;
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}
