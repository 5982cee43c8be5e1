import { pino } from 'pino';
import type { Logger } from '@tessera/service/logging';

/** What a test opened; closed in reverse order by `close`. It takes the place of a service's lifecycle. */
export interface Leftovers {
  defer(name: string, close: () => unknown): void;
  close(): Promise<void>;
}

/** Creates an empty stack of things to close after a test. */
export function createLeftovers(): Leftovers {
  const closers: (() => unknown)[] = [];
  return {
    defer: (_name, close) => void closers.push(close),
    async close() {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}

/** A logger that says nothing; `LOG_LEVEL=debug` in the environment of a test run makes it talk. */
export function quietLogger(): Logger {
  return pino({ level: process.env['LOG_LEVEL'] ?? 'silent' });
}
