/**
 * `multipart/mixed` (RFC 2046, 5.1) whose parts are whole at once: a boundary ends the part before it, so each part is
 * followed by the next one's boundary as soon as it is written.
 */
export function openParts(boundary: string): string {
  return `\r\n--${boundary}`;
}

/** One part, in JSON. */
export function writePart(boundary: string, body: unknown): string {
  return writeJsonPart(boundary, JSON.stringify(body));
}

/** One part whose JSON is written already. */
export function writeJsonPart(boundary: string, json: string): string {
  return `\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${json}\r\n--${boundary}`;
}

/** Makes the boundary that was written last the closing one. */
export const closeParts = '--\r\n';
