import { print, type ArgumentNode } from 'graphql';

/** What a fetch asks of one object, as it grows. */
export interface FetchSelection {
  readonly fields: Map<string, FetchField>;
  /** What is asked of objects of one type alone; there for interfaces and unions. */
  readonly types: Map<string, FetchSelection>;
  asksTypename: boolean;
}

export interface FetchField {
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
  /** The field's type where it is fetched, as GraphQL text. */
  readonly type: string;
  readonly below: FetchSelection | undefined;
  /** Another name for the time of the fetch, where two types have fields of one key that no answer could hold. */
  alias: string | undefined;
}

export function newSelection(): FetchSelection {
  return { fields: new Map(), types: new Map(), asksTypename: false };
}

/** What is asked of objects of one type. */
export function selectionOn(selection: FetchSelection, typeName: string): FetchSelection {
  const found = selection.types.get(typeName) ?? newSelection();
  selection.types.set(typeName, found);
  return found;
}

export function isEmpty({ fields, types, asksTypename }: FetchSelection): boolean {
  return !asksTypename && fields.size === 0 && [...types.values()].every(isEmpty);
}

/** @returns GraphQL text, braces included */
export function printSelection(selection: FetchSelection): string {
  const parts = selection.asksTypename || isEmpty(selection) ? ['__typename'] : [];
  for (const [key, field] of selection.fields) parts.push(printField(key, field));
  // What several types are asked alike is said once where they are equal word for word.
  for (const [typeName, below] of selection.types) {
    if (!isEmpty(below)) parts.push(`... on ${typeName} ${printSelection(below)}`);
  }
  return `{ ${parts.join(' ')} }`;
}

function printField(key: string, { name, arguments: given, below, alias }: FetchField): string {
  const called = alias ?? key;
  const label = called === name ? name : `${called}: ${name}`;
  const values = given.length === 0 ? '' : `(${given.map((argument) => print(argument)).join(', ')})`;
  return `${label}${values}${below === undefined ? '' : ` ${printSelection(below)}`}`;
}

/** All arguments of a selection, for the variables that they name. */
export function* argumentsOf(selection: FetchSelection): Generator<ArgumentNode> {
  for (const { arguments: given, below } of selection.fields.values()) {
    yield* given;
    if (below !== undefined) yield* argumentsOf(below);
  }
  for (const below of selection.types.values()) yield* argumentsOf(below);
}
