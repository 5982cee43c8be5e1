import { print, type DefinitionNode, type DocumentNode } from 'graphql';

/**
 * Writes a document so that texts which differ in white space, comments and the order of their definitions alone become the
 * same. The order of fields and of variables stays: it is the order of the answer, and part of what was reviewed.
 */
export function normaliseDocument(document: DocumentNode): string {
  const definitions = [...document.definitions].sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
  return print({ ...document, definitions });
}

function keyOf(definition: DefinitionNode): string {
  const name = 'name' in definition ? definition.name?.value : undefined;
  return `${definition.kind} ${name ?? ''}`;
}
