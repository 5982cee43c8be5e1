import { Buffer } from 'node:buffer';

/** Settings of PostgreSQL by name, as `set_config` takes them. */
export type SessionSettings = Readonly<Record<string, string>>;

/** Of the protocol's messages: their type, and the length of what follows it, itself included. */
const headBytes = 5;
const executeMessage = Buffer.from('E\0\0\0\x09\0\0\0\0\0', 'latin1');

/**
 * A statement that is sent before another one in the same transaction, and of whose result nothing is read. One serves many
 * statements, as its values are the same for all of a request: what is sent is made once.
 */
export class Preliminary {
  readonly text: string;
  readonly values: readonly string[];
  #messages: { readonly name: string; readonly bytes: Buffer } | undefined;

  constructor(text: string, values: readonly string[]) {
    this.text = text;
    this.values = values;
  }

  /**
   * The messages Bind and Execute, by the portal without a name (PostgreSQL, Frontend/Backend Protocol, "Message Formats").
   *
   * @param name by which a connection keeps the statement: the same on all
   */
  messages(name: string): Buffer {
    if (this.#messages?.name !== name) this.#messages = { name, bytes: bindAndExecute(name, this.values) };
    return this.#messages.bytes;
  }
}

/**
 * Selects no row, so that its result is none to read; no setting is null once it is made, so each is made.
 *
 * @param settings their names are ours, never a caller's: they are written into the text, which is the same for all values
 */
export function settingsStatement(settings: SessionSettings): Preliminary {
  const made = Object.keys(settings).map((name, index) => `set_config('${name}', $${index + 1}, true) is null`);
  return new Preliminary(`select where ${made.join(' or ')}`, Object.values(settings));
}

function bindAndExecute(name: string, values: readonly string[]): Buffer {
  const lengths = values.map((value) => Buffer.byteLength(value));
  const textsBytes = lengths.reduce((sum, length) => sum + 4 + length, 0);
  // Two names that end with zero, how many formats of values there are, values, and formats of results.
  const bindBytes = headBytes + 1 + name.length + 1 + 2 + 2 + textsBytes + 2;
  const bytes = Buffer.allocUnsafe(bindBytes + executeMessage.length).fill(0);
  bytes.write('B');
  bytes.writeInt32BE(bindBytes - 1, 1);
  bytes.write(name, headBytes + 1, 'latin1');
  let at = headBytes + 1 + name.length + 1 + 2;
  at = bytes.writeInt16BE(values.length, at);
  for (const [index, value] of values.entries()) {
    at = bytes.writeInt32BE(lengths[index] ?? 0, at);
    at += bytes.write(value, at);
  }
  executeMessage.copy(bytes, bindBytes);
  return bytes;
}
