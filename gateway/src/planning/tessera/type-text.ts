/** The named type within lists and non-null marks: `T` of `[T!]!`. */
export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

export function isListType(type: string): boolean {
  return type.startsWith('[');
}
