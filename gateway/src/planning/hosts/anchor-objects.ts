import { Kind, visit, type DocumentNode, type FieldNode, type SelectionNode } from 'graphql';

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Asks every object for something that depends on no condition: Apollo's planner takes the condition of all that is
 * asked of an object for a condition of the object, and would not fetch whether it is there at all.
 */
export function anchorObjects(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field: {
      leave(field) {
        if (field.selectionSet === undefined || field.selectionSet.selections.some(isAnchor)) return undefined;
        const selections = [...field.selectionSet.selections, typenameField];
        return { ...field, selectionSet: { ...field.selectionSet, selections } };
      },
    },
  });
}

function isAnchor({ kind, directives = [] }: SelectionNode): boolean {
  return kind === Kind.FIELD && directives.length === 0;
}
