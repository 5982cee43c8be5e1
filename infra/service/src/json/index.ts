/** Any value that survives `JSON.stringify` and `JSON.parse` unchanged. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object; a key may be absent but never `undefined`. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
