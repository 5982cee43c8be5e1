import { Kind, print, type ASTNode, type DocumentNode, type FieldNode, type SelectionSetNode } from 'graphql';

/**
 * Prints what planners are given, on one line. Of some thousand fields graphql-js's `print`, which indents them, takes
 * three times as long, and everybody waits meanwhile.
 */
export function printOperation({ definitions }: DocumentNode): string {
  let text = '';

  const join = (nodes: readonly ASTNode[], separator: string): string => nodes.map(print).join(separator);

  function writeField({ alias, name, arguments: given = [], directives = [], selectionSet }: FieldNode): void {
    if (alias !== undefined) text += `${alias.value}:`;
    text += name.value;
    if (given.length > 0) text += `(${join(given, ',')})`;
    if (directives.length > 0) text += ` ${join(directives, ' ')}`;
    if (selectionSet === undefined) text += ' ';
    else writeSelections(selectionSet);
  }

  function writeSelections({ selections }: SelectionSetNode): void {
    text += '{';
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        writeField(selection);
        continue;
      }
      const { directives = [] } = selection;
      text += '...';
      if (selection.kind === Kind.FRAGMENT_SPREAD) text += selection.name.value;
      else if (selection.typeCondition !== undefined) text += `on ${selection.typeCondition.name.value}`;
      text += directives.length === 0 ? ' ' : ` ${join(directives, ' ')} `;
      if (selection.kind === Kind.INLINE_FRAGMENT) writeSelections(selection.selectionSet);
    }
    text += '}';
  }

  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      const { operation, name, variableDefinitions = [], directives = [] } = definition;
      text += `${operation} ${name?.value ?? ''}`;
      if (variableDefinitions.length > 0) text += `(${join(variableDefinitions, ',')})`;
      if (directives.length > 0) text += ` ${join(directives, ' ')}`;
      writeSelections(definition.selectionSet);
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      text += `fragment ${definition.name.value} on ${definition.typeCondition.name.value} ${join(definition.directives ?? [], ' ')}`;
      writeSelections(definition.selectionSet);
    }
  }
  return text;
}
