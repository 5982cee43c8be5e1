import { tracingChannel } from 'node:diagnostics_channel';
import { activeSpan } from './active-span.js';
import type { TracedSpan } from './traced-span.js';

/** What ioredis publishes about a command. Its arguments are never looked at: they hold data. */
interface CommandEvent {
  readonly command: string;
  readonly error?: unknown;
}

/** The spans of commands under way, by ioredis's own object: several services in one process hear of each command. */
const spans = new WeakMap<object, TracedSpan>();

/**
 * Makes every Redis command that is sent within a span a part of it.
 *
 * @returns ends it
 */
export function traceRedisCommands(): () => void {
  const channel = tracingChannel('ioredis:command');
  const subscribers = {
    start(message: object) {
      const parent = spans.has(message) ? undefined : activeSpan();
      if (parent === undefined) return;
      const name = (message as CommandEvent).command.toUpperCase();
      const attributes = { 'db.system.name': 'redis', 'db.operation.name': name };
      spans.set(message, parent.child(name, { kind: 'client', attributes }));
    },
    end() {
      // The command has been written; its answer is what counts.
    },
    asyncStart() {
      // Followed by asyncEnd at once.
    },
    asyncEnd(message: object) {
      const span = spans.get(message);
      spans.delete(message);
      span?.end();
    },
    error(message: object) {
      const { error } = message as CommandEvent;
      spans.get(message)?.fail(error instanceof Error ? error.name : 'Error');
    },
  };
  channel.subscribe(subscribers);
  return () => channel.unsubscribe(subscribers);
}
