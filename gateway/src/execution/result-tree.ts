/** The result tree as subgraphs fill it: objects, arrays and scalars as `JSON.parse` made them. */
export type ResultTree = Record<string, unknown>;

/** Whether a value of the result tree has fields. */
export function isTreeObject(value: unknown): value is ResultTree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
