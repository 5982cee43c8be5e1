import type { DocumentNode } from 'graphql';

/** `query` -> `Query`, as the schema calls them. */
export function rootTypeNames(document: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map([
    ['query', 'Query'],
    ['mutation', 'Mutation'],
    ['subscription', 'Subscription'],
  ]);
  for (const definition of document.definitions) {
    if (definition.kind !== 'SchemaDefinition') continue;
    for (const { operation, type } of definition.operationTypes) names.set(operation, type.name.value);
  }
  return names;
}
