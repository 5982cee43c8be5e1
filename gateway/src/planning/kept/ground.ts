import { hash } from 'node:crypto';
import type { Supergraph } from '../supergraph.js';

/** What something that was made over a supergraph rests on there. */
export interface Ground {
  /** Where that stands, with spaces between: a memory of a thousand plans has so many of these. See {@link textAt}. */
  readonly coordinates: string;
  /** Of what stands there. */
  readonly digest: string;
}

/** What stands before their fields changes with every new subgraph, and means nothing. */
export const rootTypes: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/** Where a type stands for what it can be: `Node*`. */
export const possibleTypesOf = (typeName: string): string => `${typeName}*`;

/** Where the name of a subgraph stands: `$STOCK`. */
export const subgraphOf = (graph: string): string => `$${graph}`;

/**
 * What stands in a supergraph at a coordinate: of `Type` everything before its fields, of `Type.field` the field with arguments and
 * directives, of `Type*` what it can be, of `$GRAPH` what the subgraph is called.
 *
 * @returns undefined where nothing stands
 */
export function textAt({ typeText, facts, indexFor }: Supergraph, coordinate: string): string | undefined {
  if (coordinate.startsWith('$')) return indexFor(0).serviceName(coordinate.slice(1));
  if (coordinate.endsWith('*')) return [...(facts.possibleTypes.get(coordinate.slice(0, -1)) ?? [])].sort().join();
  const [typeName = '', field] = coordinate.split('.');
  const type = typeText(typeName);
  return field === undefined ? type?.head : type?.fields.get(field)?.text;
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
