import { createDomainEvent, type EventBus } from '@tessera/service/events';
import type { Logger } from '@tessera/service/logging';
import { operationUsesEventType } from '@tessera/service/operations';
import { OperationUseWindow, type CountedUse } from './operation-use-window.js';

export interface OperationUseReporterOptions {
  readonly eventBus: EventBus;
  readonly logger: Logger;
  /** Default 5,000. */
  readonly intervalMs?: number;
}

/** Tells analytics which operations clients used. */
export interface OperationUseReporter {
  record(key: string, use: CountedUse): void;
  /** Sends what is left, and stops. */
  close(): Promise<void>;
}

/** Starts the reporter; while nothing is used it sends nothing. */
export function startOperationUseReporter(options: OperationUseReporterOptions): OperationUseReporter {
  const { eventBus, logger, intervalMs = 5_000 } = options;
  let window = new OperationUseWindow();
  let reporting: Promise<void> | undefined;

  const report = async (): Promise<void> => {
    if (window.isEmpty) return;
    const reported = window;
    window = new OperationUseWindow();
    try {
      const payload = { uses: reported.toUses() };
      await eventBus.publish([createDomainEvent({ type: operationUsesEventType, payload })]);
    } catch (error) {
      logger.warn({ err: error }, 'reporting the use of operations failed: it waits for the next report');
      window.merge(reported);
    }
  };
  const timer = setInterval(() => {
    reporting ??= report().finally(() => (reporting = undefined));
  }, intervalMs);
  timer.unref();

  return {
    record: (key, use) => window.record(key, use),
    async close() {
      clearInterval(timer);
      await reporting;
      await report();
    },
  };
}
