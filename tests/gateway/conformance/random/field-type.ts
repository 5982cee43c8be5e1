import { namedType } from './world.js';

/** The shape of a field's type, from the outside to its named type. */
export interface FieldType {
  readonly isNonNull: boolean;
  readonly item: FieldType | undefined;
  readonly named: string;
}

const known = new Map<string, FieldType>();

/** Reads the text of a type: `[T0!]!`. */
export function fieldType(text: string): FieldType {
  const found = known.get(text);
  if (found !== undefined) return found;
  const isNonNull = text.endsWith('!');
  const inner = isNonNull ? text.slice(0, -1) : text;
  const item = inner.startsWith('[') ? fieldType(inner.slice(1, -1)) : undefined;
  const type = { isNonNull, item, named: namedType(text) };
  known.set(text, type);
  return type;
}
