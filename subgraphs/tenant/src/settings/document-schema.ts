import type { JsonObject, JsonValue } from '@tessera/service/json';
import { z } from 'zod';

/** Whoever walks through a document does it by recursion. */
const maxDepth = 20;

/** Schema of a JSON document as GraphQL hands it over: JSON already, but nested as its sender likes. */
export const documentSchema = z.custom<JsonValue>(
  (value) => value !== undefined && isShallow(value, maxDepth),
  `must be JSON, nested ${maxDepth} deep at most`,
);

export function isJsonObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1));
}
