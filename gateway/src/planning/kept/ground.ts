import { hash } from 'node:crypto';
import type { Supergraph } from '../supergraph.js';

/** What something that was made over a supergraph rests on there. */
export interface Ground {
  /** Where that stands, with spaces between: a memory of a thousand plans has so many of these. See {@link textAt}. */
  readonly coordinates: string;
  /** Of what stands there. */
  readonly digest: string;
}

/** What stands before their fields changes with every new subgraph; see {@link placeOf}. */
const rootTypes: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/** Where a type stands: before its fields or, of a root, in what it implements. */
export const placeOf = (typeName: string): string => (rootTypes.has(typeName) ? `${typeName}^` : typeName);

/** Where a type stands for what it can be: `Node*`. */
export const possibleTypesOf = (typeName: string): string => `${typeName}*`;

/** Where the name of a subgraph stands: `$STOCK`. */
export const subgraphOf = (graph: string): string => `$${graph}`;

/**
 * What stands in a supergraph at a coordinate: of `Type` everything before its fields, of `Type^` what of that is about interfaces, of
 * `Type.field` the field with arguments and directives, of `Type*` what it can be, of `$GRAPH` what the subgraph is called.
 *
 * @returns undefined for a type or a field that is not there
 */
export function textAt({ typeText, facts, indexFor }: Supergraph, coordinate: string): string | undefined {
  if (coordinate.startsWith('$')) return indexFor(0).serviceName(coordinate.slice(1));
  const [typeName = '', field] = coordinate.split('.');
  if (field !== undefined) return typeText(typeName)?.fields.get(field)?.text;
  if (coordinate.endsWith('*')) return namesOf(facts.possibleTypes.get(coordinate.slice(0, -1)));
  if (coordinate.endsWith('^')) return typeText(coordinate.slice(0, -1))?.implementing;
  return typeText(typeName)?.head;
}

/** Interfaces of hundreds of types are asked for again and again. */
const knownNames = new WeakMap<ReadonlySet<string>, string>();

function namesOf(types: ReadonlySet<string> | undefined): string {
  if (types === undefined) return '';
  const names = knownNames.get(types) ?? [...types].sort().join();
  knownNames.set(types, names);
  return names;
}

/** Notes what stands at the coordinates in this supergraph. */
export function takeGround(supergraph: Supergraph, coordinates: Iterable<string>): Ground {
  const all = [...coordinates];
  return { coordinates: all.join(' '), digest: digestAt(supergraph, all) };
}

/** Whether another supergraph has the same at the same coordinates. */
export function isSameGround({ coordinates, digest }: Ground, supergraph: Supergraph): boolean {
  return digestAt(supergraph, coordinates.split(' ')) === digest;
}

function digestAt(supergraph: Supergraph, coordinates: readonly string[]): string {
  const texts = coordinates.map((coordinate) => textAt(supergraph, coordinate) ?? null);
  return hash('sha256', JSON.stringify(texts), 'base64url');
}
