import { createLogger, type Logger } from '@tessera/service/logging';
import { eventually } from './eventually.js';

/** One line of a log, parsed. */
export type LoggedLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** A logger whose lines a test reads. */
export interface LoggedLines {
  readonly logger: Logger;
  readonly lines: readonly LoggedLine[];
  /** Resolves with the first line that says this, once there is one. */
  said(text: string): Promise<LoggedLine>;
}

/** Creates a logger of everything from `info` on, and keeps what it is told. */
export function logLines(): LoggedLines {
  const lines: LoggedLine[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as LoggedLine) };
  const find = (text: string) => lines.find(({ msg }) => msg.includes(text));
  return {
    logger: createLogger({ service: 'test', level: 'info', destination }),
    lines,
    async said(text) {
      await eventually(() => find(text) !== undefined);
      return find(text) as LoggedLine;
    },
  };
}
