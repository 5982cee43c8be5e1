import type { OperationCode } from './generated-code.js';

/**
 * The text of one function, made for one selection of one operation, and the values that it uses.
 *
 * Code that reads `object[key]` for the keys of all operations teaches V8 nothing: each access is a search, together an
 * eighth of the heavy benchmark's time. A function of its own has its keys in its text and learns where they stand.
 * Names get into the text by {@link quote} alone.
 */
export class FunctionText {
  readonly #code: OperationCode;
  readonly #constants: unknown[] = [];
  #text = '';
  #variables = 0;

  constructor(code: OperationCode) {
    this.#code = code;
  }

  add(text: string): void {
    this.#text += `${text}\n`;
  }

  /** Makes a value known to the function. @returns its name there */
  constant(value: unknown): string {
    const known = this.#constants.indexOf(value);
    return `c${known === -1 ? this.#constants.push(value) - 1 : known}`;
  }

  /** @returns a name that nothing in the function has */
  variable(): string {
    this.#variables += 1;
    return `v${this.#variables}`;
  }

  /** @param parameters names, parted by commas */
  compile<Compiled>(parameters: string): Compiled {
    const names = this.#constants.map((_, index) => `c${index}`);
    return this.#code.translate(names, parameters, this.#text)(...this.#constants) as Compiled;
  }
}

/** A key as it stands in code. */
export function quote(key: string): string {
  return JSON.stringify(key);
}

/** A key as it stands in an object's literal: there, a plain `__proto__` would set the prototype. */
export function quoteMember(key: string): string {
  return key === '__proto__' ? '["__proto__"]' : JSON.stringify(key);
}
