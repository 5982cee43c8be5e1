import { Kind, parse, type SelectionSetNode } from 'graphql';

const parsed = new Map<string, SelectionSetNode>();
const maxKept = 10_000;

/** Parses the text of a key, a `@requires` or a `@provides`. */
export function parseSelection(text: string): SelectionSetNode {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const [definition] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError(`Not a selection: ${text}`);
  if (parsed.size >= maxKept) parsed.clear();
  parsed.set(text, definition.selectionSet);
  return definition.selectionSet;
}
