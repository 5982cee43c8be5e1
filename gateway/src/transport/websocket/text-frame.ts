const fin = 0x80;
const text = 0x01;
/** Up to here a copy costs less than another part to write. */
const maxCopiedBytes = 16 * 1024;

/**
 * Writes one message of a server as one unmasked frame (RFC 6455, 5.2), around bytes that many messages share.
 *
 * `ws` would encode them anew, and write header and message apart, for each client: half of what a delivery costs.
 *
 * @param before what the message begins with; the client's id of its operation is in it
 * @param shared the same for all clients; never changed
 * @param after what it ends with
 * @returns buffers to be written one after the other: a single one unless the message is large
 */
export function frameText(before: string, shared: Buffer, after: string): readonly Buffer[] {
  const beforeLength = Buffer.byteLength(before);
  const length = beforeLength + shared.length + Buffer.byteLength(after);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const copiesAll = length <= maxCopiedBytes;
  const frame = Buffer.allocUnsafe(headerLength + (copiesAll ? length : beforeLength));
  writeHeader(frame, length);
  frame.write(before, headerLength);
  if (!copiesAll) return [frame, shared, Buffer.from(after)];
  shared.copy(frame, headerLength + beforeLength);
  frame.write(after, headerLength + beforeLength + shared.length);
  return [frame];
}

function writeHeader(frame: Buffer, length: number): void {
  frame[0] = fin | text;
  if (length < 126) frame[1] = length;
  else if (length < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}
