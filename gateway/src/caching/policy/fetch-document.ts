import { Kind, parse, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import type { SubgraphOperation } from '../../execution/subgraph-client.js';
import type { CacheSchema } from './cache-schema.js';
import { HintCollector, joinHints, type FetchHints } from './fetch-hints.js';

/** The text of a fetch, parsed, with what the schema says about its answer. */
export interface FetchDocument {
  /** Its fields at the root, those of fragments too. */
  readonly rootFields: readonly FieldNode[];
  readonly rootType: string;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** About all of it. */
  readonly hints: FetchHints;
  /** Response key of an `_entities` field -> about its entities. */
  readonly entityHints: ReadonlyMap<string, FetchHints>;
}

/** Finds the parsed text of a fetch; it is made once. */
export type FindFetchDocument = (operation: SubgraphOperation) => FetchDocument;

const entitiesField = '_entities';

/** Creates the finder for the fetches of one supergraph. */
export function createFetchDocuments(schema: CacheSchema): FindFetchDocument {
  const known = new WeakMap<SubgraphOperation, FetchDocument>();
  return (operation) => {
    const found = known.get(operation);
    if (found !== undefined) return found;
    const made = readFetch(operation, schema);
    known.set(operation, made);
    return made;
  };
}

/** Whether a field of a fetch's root asks for entities. */
export function isEntitiesField({ name }: FieldNode): boolean {
  return name.value === entitiesField;
}

function readFetch({ query, kind }: SubgraphOperation, schema: CacheSchema): FetchDocument {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const rootFields: FieldNode[] = [];
  const document = parse(query, { noLocation: true });
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) collectFields(definition.selectionSet, fragments, rootFields);
  }
  const rootType = schema.rootTypes[kind];
  const ofRoot = new HintCollector(schema, fragments);
  const entityHints = new Map<string, FetchHints>();
  for (const field of rootFields) {
    if (!isEntitiesField(field) || field.selectionSet === undefined) {
      ofRoot.addRootField(field, rootType);
      continue;
    }
    const ofEntities = new HintCollector(schema, fragments);
    ofEntities.addEntity(field.selectionSet);
    entityHints.set(field.alias?.value ?? field.name.value, ofEntities.hints);
  }
  const parts = [...entityHints.values()];
  if (rootFields.some((field) => !isEntitiesField(field)) || parts.length === 0) parts.push(ofRoot.hints);
  return { rootFields, rootType, fragments, hints: parts.reduce(joinHints), entityHints };
}

function collectFields(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  fields: FieldNode[],
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      fields.push(selection);
      continue;
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    if (inner !== undefined) collectFields(inner.selectionSet, fragments, fields);
  }
}
