import type { DefinitionNode, DirectiveNode, NamedTypeNode } from 'graphql';
import type { FeatureNames } from './feature-names.js';

/** What may be hidden of a definition, or of a part of one. */
interface Parts {
  directives?: readonly DirectiveNode[] | undefined;
  fields?: readonly Parts[] | undefined;
  arguments?: readonly Parts[] | undefined;
  values?: readonly Parts[] | undefined;
  interfaces?: readonly NamedTypeNode[] | undefined;
  types?: readonly NamedTypeNode[] | undefined;
}

/** Whether consumers do not see a definition, or a part of one. */
export function isHidden({ directives = [] }: Pick<Parts, 'directives'>, { inaccessible }: FeatureNames): boolean {
  return directives.some(({ name }) => name.value === inaccessible);
}

/**
 * A definition as consumers see it: without what is `@inaccessible`, without hidden types in its lists of interfaces and members,
 * and without what joins it. By hand: graphql-js's `visit`, which looks at every name, took a third of the making of a schema.
 */
export function visibleDefinition(
  definition: DefinitionNode,
  features: FeatureNames,
  hiddenTypes: ReadonlySet<string | undefined>,
): DefinitionNode {
  const isVisible = (part: Parts): boolean => !isHidden(part, features);
  const isVisibleType = ({ name }: NamedTypeNode): boolean => !hiddenTypes.has(name.value);

  function visible<Node extends Parts>(node: Node): Node {
    const changes: Parts = {};
    if (node.directives?.some(joins) === true) {
      changes.directives = node.directives.filter((directive) => !joins(directive));
    }
    for (const name of ['fields', 'arguments', 'values'] as const) {
      const parts = node[name];
      const seen = parts?.filter(isVisible).map(visible);
      if (seen !== undefined && !isSame(parts, seen)) changes[name] = seen;
    }
    for (const name of ['interfaces', 'types'] as const) {
      const types = node[name];
      if (types?.every(isVisibleType) === false) changes[name] = types.filter(isVisibleType);
    }
    return Object.keys(changes).length === 0 ? node : { ...node, ...changes };
  }

  return visible<DefinitionNode & Parts>(definition);
}

/** What of a supergraph says where a part of it comes from. */
function joins({ name }: DirectiveNode): boolean {
  return name.value.startsWith('join__');
}

function isSame(before: readonly Parts[] | undefined, after: readonly Parts[]): boolean {
  return before?.length === after.length && after.every((part, index) => part === before[index]);
}
