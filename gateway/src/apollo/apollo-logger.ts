import { createLogger, type Logger } from '@tessera/service/logging';

/** A logger as Apollo's packages take it: `console` is one. */
export interface ApolloLogger {
  debug(message?: unknown): void;
  info(message?: unknown): void;
  warn(message?: unknown): void;
  error(message?: unknown): void;
}

interface LogLine {
  readonly level: string;
  readonly msg?: string;
  readonly err?: { readonly message?: string };
}

/** Lets the engine log through Apollo's logger; without one, warnings and worse go to standard output. */
export function toEngineLogger(given: ApolloLogger | undefined): Logger {
  if (given === undefined) return createLogger({ service: 'gateway', level: 'warn' });
  return createLogger({
    service: 'gateway',
    level: 'debug',
    destination: {
      write(text) {
        const { level, msg = '', err } = JSON.parse(text) as LogLine;
        const message = err?.message === undefined ? msg : `${msg}: ${err.message}`;
        if (level === 'debug' || level === 'trace') given.debug(message);
        else if (level === 'info') given.info(message);
        else if (level === 'warn') given.warn(message);
        else given.error(message);
      },
    },
  });
}
