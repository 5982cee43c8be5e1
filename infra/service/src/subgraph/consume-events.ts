import { sqlOf } from '../database/index.js';
import { consumeOnce } from '../events/index.js';
import type { EventHandler, SubgraphConfig } from './declaration.js';
import type { Platform } from './platform.js';

/** Subscribes a subgraph to other subgraphs' events: each is handled once, in a transaction inside its tenant. */
export function consumeEvents(platform: Platform<SubgraphConfig>, consumer: string, handler: EventHandler): void {
  const subscription = platform.eventBus.subscribe({
    consumer,
    types: [...handler.types],
    handle: async (event) => {
      const isFirst = await platform.serviceScope(event.tenantId).write(async (entityManager) => {
        const isUnseen = await consumeOnce(sqlOf(entityManager), consumer, event.id);
        if (isUnseen) await handler.handle(event, entityManager);
        return isUnseen;
      });
      if (isFirst) await handler.afterCommit?.(event);
    },
  });
  platform.lifecycle.defer('event consumer', () => subscription.close());
}
