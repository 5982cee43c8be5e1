import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Makes a generated function out of the values that it uses. */
export type MakeFunction = (...constants: readonly unknown[]) => unknown;

/** The code of one operation, as long as it is prepared. */
export interface OperationCode {
  /** How often a part of the operation runs before code is generated for it; 0 where it was generated before. */
  readonly usesBeforeCode: number;
  /**
   * Has a text of code translated, or finds what came of it before.
   *
   * @param constants names of the values that it uses
   * @param parameters names, parted by commas
   * @param text what stands between the braces of the function
   */
  translate(constants: readonly string[], parameters: string, text: string): MakeFunction;
}

/** The busiest 500 operations at about twenty functions each. */
const maxFunctions = 10_000;
/** As many as an engine keeps prepared. */
const maxOperations = 1_000;

/**
 * Code that outlives the supergraph it was generated for. V8 begins slowly with every new function, and what it has learnt and
 * optimised belongs to the text that was translated: over another supergraph, an operation of which nothing has changed has
 * the same texts, and goes on as fast as before. Operations do not share code, for each teaches V8 other shapes of objects.
 */
export class GeneratedCode {
  readonly #usesBeforeCode: number;
  readonly #functions = new LRUCache<string, MakeFunction>({ max: maxFunctions });
  readonly #busyOperations = new LRUCache<string, true>({ max: maxOperations });

  /** @param usesBeforeCode how often an operation runs before code of its own is generated for it, for 1 to 2 ms */
  constructor(usesBeforeCode = 20) {
    this.#usesBeforeCode = usesBeforeCode;
  }

  /** @param operation what no other operation has, and the same one over another supergraph has too */
  of(operation: string): OperationCode {
    const name = digest(operation);
    // Of two places with the same text each has a function of its own, for the same reason as operations.
    const places = new Map<string, number>();
    return {
      usesBeforeCode: this.#busyOperations.has(name) ? 0 : this.#usesBeforeCode,
      translate: (constants, parameters, text) => {
        this.#busyOperations.set(name, true);
        const whole = digest(JSON.stringify([name, constants.length, parameters, text]));
        const place = places.get(whole) ?? 0;
        places.set(whole, place + 1);
        const key = `${whole} ${place}`;
        const known = this.#functions.get(key);
        if (known !== undefined) return known;
        const code = `'use strict'; return function (${parameters}) {\n${text}}`;
        const made = new Function(...constants, code) as MakeFunction;
        this.#functions.set(key, made);
        return made;
      },
    };
  }
}

function digest(text: string): string {
  return hash('sha256', text, 'base64url');
}
