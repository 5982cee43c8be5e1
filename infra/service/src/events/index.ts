export { createDomainEvent, type DomainEvent, type NewDomainEvent } from './domain-event.js';
export type { EventBus, EventConsumer, EventSubscription } from './event-bus.js';
export { consumeOnce, pruneConsumedEvents } from './inbox.js';
export { createInProcessEventBus, type InProcessEventBusOptions } from './in-process-event-bus.js';
export { appendToOutbox } from './outbox.js';
export type { SqlExecutor } from './sql-executor.js';
export { dropEventTablesSql, eventTablesGrantsSql, eventTablesSql } from './tables.js';
