import { AppError } from '@tessera/service/errors';
import { Kind, type DocumentNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * Refuses an operation whose fragments spread to more than a planner should be given: a chain of twenty fragments,
 * each spread twice by the one before, is a kilobyte of text and a million selections. Every fragment is counted once,
 * so that the count itself is as cheap as the text is short.
 *
 * @throws AppError `OPERATION_TOO_COMPLEX`
 */
export function assertExpansionWithin(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  maxSelections: number,
): void {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const counted = new Map<string, number>();

  function countFragment(name: string): number {
    const known = counted.get(name);
    if (known !== undefined) return known;
    // Valid documents have no circles; one that has is counted as if it ended here.
    counted.set(name, 0);
    const selectionSet = fragments.get(name);
    const count = selectionSet === undefined ? 0 : countSelections(selectionSet);
    counted.set(name, count);
    return count;
  }

  function countSelections(selectionSet: SelectionSetNode): number {
    let count = 0;
    for (const selection of selectionSet.selections) {
      count += 1;
      if (selection.kind === Kind.FRAGMENT_SPREAD) count += countFragment(selection.name.value);
      else if (selection.selectionSet !== undefined) count += countSelections(selection.selectionSet);
    }
    return count;
  }

  const selections = countSelections(operation.selectionSet);
  if (selections <= maxSelections) return;
  throw new AppError('OPERATION_TOO_COMPLEX', 'Operation has too many selections once its fragments are spread', {
    details: { maxSelections },
  });
}
