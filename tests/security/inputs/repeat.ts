/** So many texts, parted by spaces. */
export function repeat(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ');
}

/** `{ a { a { ... } } }` without the outer braces. */
export function nest(depth: number, open: string, inner: string, close = '}'): string {
  return `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
}
