/** A message of a client to PostgreSQL: its type and all that follows its length. */
export interface PostgresMessage {
  readonly type: string;
  readonly body: Buffer;
}

const lengthBytes = 4;

/**
 * Reads the messages of one connection (PostgreSQL, Frontend/Backend Protocol, "Message Formats"), without TLS.
 *
 * @returns what is to be called with each piece of what the client sends
 */
export function readPostgresMessages(onMessage: (message: PostgresMessage) => void): (chunk: Buffer) => void {
  let waiting = Buffer.alloc(0);
  // The first message has no type.
  let typeBytes = 0;
  return (chunk) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= typeBytes + lengthBytes) {
      const end = typeBytes + waiting.readInt32BE(typeBytes);
      if (waiting.length < end) return;
      const type = waiting.toString('latin1', 0, typeBytes);
      onMessage({ type, body: waiting.subarray(typeBytes + lengthBytes, end) });
      waiting = waiting.subarray(end);
      typeBytes = 1;
    }
  };
}
