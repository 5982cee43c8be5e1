import { Kind, print, type ASTNode, type SelectionNode } from 'graphql';
import type { WantedField } from './collect-fields.js';
import type { TypeNames } from './spot.js';
import type { SubgraphIndex } from './subgraph-index.js';

/** Parts types into classes of those whose objects a plan can treat as one. */
export type FindAlike = (
  wanted: ReadonlyMap<string, readonly WantedField[]>,
  provided: readonly SelectionNode[],
) => readonly TypeNames[];

/**
 * Of an interface with a hundred types most are alike where it is asked for: the same fields are wanted, and in every
 * subgraph these, the keys and what is required for them are the same. Planned one by one, two such interfaces, one below the
 * other, were ten thousand places.
 */
export function createFindAlike(index: SubgraphIndex): FindAlike {
  const texts = new WeakMap<readonly ASTNode[], string>();
  const numbers = new WeakMap<SelectionNode, number>();
  const descriptions = new Map<string, string>();
  let count = 0;

  function textOf(nodes: readonly ASTNode[]): string {
    const text = texts.get(nodes) ?? nodes.map((node) => print(node)).join(' ');
    texts.set(nodes, text);
    return text;
  }

  function numberOf(node: SelectionNode): number {
    const number = numbers.get(node) ?? (count += 1);
    numbers.set(node, number);
    return number;
  }

  function describeWanted({ key, name, arguments: given, selections }: WantedField): readonly unknown[] {
    return [key, name, textOf(given), selections?.map(numberOf)];
  }

  /** All that is looked at in subgraphs to bring fields of the type. */
  function describe(typeName: string, names: ReadonlySet<string>): string {
    const known = `${typeName} ${[...names].join(' ')}`;
    const found = descriptions.get(known) ?? JSON.stringify([...aspectsOf(typeName, names)]);
    descriptions.set(known, found);
    return found;
  }

  function* aspectsOf(typeName: string, names: ReadonlySet<string>): Generator<unknown> {
    const involved = new Set(names);
    const involve = (selections: readonly SelectionNode[]): string => {
      for (const node of selections) if (node.kind === Kind.FIELD) involved.add(node.name.value);
      // It may say different things of different types.
      return selections.some(({ kind }) => kind !== Kind.FIELD)
        ? `${typeName} ${textOf(selections)}`
        : textOf(selections);
    };
    if (index.contextsOf(typeName).length > 0) yield typeName;
    const interfaces = index
      .interfacesOf(typeName)
      .filter((name) => index.graphs.some((graph) => index.isInterfaceObject(name, graph)));
    yield interfaces;
    const sites = index.graphs.flatMap((graph) =>
      [typeName, ...interfaces].filter((name) => index.isObjectIn(name, graph)).map((name) => ({ graph, name })),
    );
    for (const { graph, name } of sites) {
      yield [graph, name === typeName ? '' : name, index.keysIn(name, graph).map(involve)];
    }
    // What a field requires is looked at after it, for it is added here.
    for (const fieldName of involved) {
      yield [fieldName, index.fieldType(typeName, fieldName)];
      for (const { graph, name } of sites) {
        const own = index.fieldIn(name, fieldName, graph);
        if (own === undefined) continue;
        const { type, isExternal, contextArguments } = own;
        yield [graph, type, isExternal, contextArguments, involve(own.requires), textOf(own.provides)];
      }
    }
  }

  return (wanted, provided) => {
    if (wanted.size === 1 || provided.some(({ kind }) => kind !== Kind.FIELD))
      return [...wanted.keys()].map((typeName) => [typeName]);
    const classes = Map.groupBy(wanted, ([typeName, fields]) =>
      JSON.stringify([fields.map(describeWanted), describe(typeName, new Set(fields.map(({ name }) => name)))]),
    );
    return [...classes.values()].flatMap((alike) => {
      const [first, ...others] = alike.map(([typeName]) => typeName).sort();
      return first === undefined ? [] : [[first, ...others] as const];
    });
  };
}
