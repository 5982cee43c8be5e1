import { print } from 'graphql';
import { isEmpty, type FetchField, type FetchSelection, type TypedSelection } from './fetch-selection.js';
import type { SubgraphIndex } from './subgraph-index.js';
import { namedType } from './type-text.js';

/** What a selection is in a document. */
export interface PrintedSelection {
  /** GraphQL text, braces included. */
  readonly text: string;
  /** The fragments that it spreads, and those that these do. */
  readonly fragments: ReadonlySet<string>;
}

/** What may stand where a selection stands: in a field of a type, or among entities. */
type Place = { readonly graph: string; readonly typeName: string | undefined };

/**
 * Says what the fetches of one plan ask. What objects of several types are asked alike is asked of an interface where the
 * subgraph has one that says it; else once for each of them, and what stands below it is a fragment, said once.
 */
export class SelectionPrinter {
  readonly #index: SubgraphIndex;
  /** The rest of a fragment's definition -> its name: where names are equal, fragments are. */
  readonly #names = new Map<string, string>();

  constructor(index: SubgraphIndex) {
    this.#index = index;
  }

  /**
   * @param typeName of the objects that are asked; undefined for entities
   */
  print(selection: FetchSelection, graph: string, typeName?: string): PrintedSelection {
    const fragments = new Set<string>();
    const printed = new Map<FetchSelection, string>();

    const printSelection = (one: FetchSelection, place: Place): string => `{ ${printParts(one, place).join(' ')} }`;

    const printParts = (one: FetchSelection, place: Place, isRepeated = false): readonly string[] => {
      const parts = new Set(one.asksTypename || isEmpty(one) ? ['__typename'] : []);
      for (const [key, field] of one.fields) parts.add(printField(key, field, isRepeated));
      for (const typed of one.types.values()) {
        if (!isEmpty(typed.selection)) for (const part of printTyped(typed, place)) parts.add(part);
      }
      return [...parts];
    };

    const printTyped = ({ typeNames, selection: asked }: TypedSelection, place: Place): readonly string[] => {
      const [first, ...others] = typeNames;
      const condition = others.length === 0 ? first : this.#interfaceOf(typeNames, asked, place);
      if (condition === undefined) {
        const repeated = `{ ${printParts(asked, place, true).join(' ')} }`;
        return typeNames.map((name) => `... on ${name} ${repeated}`);
      }
      const below = { graph, typeName: condition };
      return condition === place.typeName
        ? printParts(asked, below)
        : [`... on ${condition} ${printSelection(asked, below)}`];
    };

    const printField = (
      key: string,
      { name, arguments: given, type, below, alias }: FetchField,
      isRepeated: boolean,
    ): string => {
      const called = alias ?? key;
      const label = called === name ? name : `${called}: ${name}`;
      const values = given.length === 0 ? '' : `(${given.map((argument) => print(argument)).join(', ')})`;
      if (below === undefined) return label + values;
      const place = { graph, typeName: namedType(type) };
      return `${label}${values} ${isRepeated ? `{ ...${printFragment(below, place)} }` : printSelection(below, place)}`;
    };

    const printFragment = (one: FetchSelection, place: Place): string => {
      const known = printed.get(one);
      if (known !== undefined) return known;
      const definition = `on ${place.typeName} ${printSelection(one, place)}`;
      const name = this.#names.get(definition) ?? `_${this.#names.size}`;
      this.#names.set(definition, name);
      printed.set(one, name);
      fragments.add(`fragment ${name} ${definition}`);
      return name;
    };

    return { text: printSelection(selection, { graph, typeName }), fragments };
  }

  /** An interface by which the subgraph can be asked this of just these types. */
  #interfaceOf(typeNames: readonly string[], asked: FetchSelection, { graph, typeName }: Place): string | undefined {
    if (asked.types.size > 0) return undefined;
    const fields = [...asked.fields.values()];
    if (fields.some(({ arguments: given }) => given.length > 0)) return undefined;
    const [first = ''] = typeNames;
    const possible = typeName === undefined ? typeNames : this.#index.membersIn(typeName, graph);
    return this.#index.interfacesOf(first).find((name) => {
      const members = this.#index.membersIn(name, graph);
      return (
        typeNames.every((one) => members.includes(one)) &&
        possible.every((one) => typeNames.includes(one) || !members.includes(one)) &&
        fields.every((field) => this.#index.fieldIn(name, field.name, graph)?.type === field.type)
      );
    });
  }
}
