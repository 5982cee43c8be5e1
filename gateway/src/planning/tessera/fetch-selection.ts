import type { ArgumentNode } from 'graphql';

/** What a fetch asks of one object, as it grows. */
export interface FetchSelection {
  readonly fields: Map<string, FetchField>;
  /** What is asked of objects of some types alone; there for interfaces and unions. */
  readonly types: Map<string, TypedSelection>;
  asksTypename: boolean;
}

export interface TypedSelection {
  readonly typeNames: readonly string[];
  readonly selection: FetchSelection;
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

/** What is asked of objects of some types. */
export function selectionOn({ types }: FetchSelection, typeNames: readonly string[]): FetchSelection {
  const name = typeNames.join();
  const found = types.get(name) ?? { typeNames, selection: newSelection() };
  types.set(name, found);
  return found.selection;
}

export function isEmpty({ fields, types, asksTypename }: FetchSelection): boolean {
  return !asksTypename && fields.size === 0 && [...types.values()].every((typed) => isEmpty(typed.selection));
}

/** All arguments of a selection, for the variables that they name. */
export function* argumentsOf(selection: FetchSelection): Generator<ArgumentNode> {
  for (const { arguments: given, below } of selection.fields.values()) {
    yield* given;
    if (below !== undefined) yield* argumentsOf(below);
  }
  for (const typed of selection.types.values()) yield* argumentsOf(typed.selection);
}
