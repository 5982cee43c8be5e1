import type { DomainEvent, EventBus, EventConsumer } from '@tessera/service/events';
import type { EventChange } from '../../config-caching.js';
import type { ChangedThings } from '../tags/tag-names.js';
import type { Invalidator } from './invalidator.js';

/** All gateways together: each event comes to one of them, which tells the others. */
const consumer = 'gateway-cache';

/** Invalidates what events of the bus say has changed. @returns undefined where nothing is listened for */
export function followEvents(
  eventBus: EventBus,
  changes: readonly EventChange[],
  invalidator: Invalidator,
): EventConsumer | undefined {
  if (changes.length === 0) return undefined;
  return eventBus.subscribe({
    consumer,
    types: [...new Set(changes.map(({ event }) => event))],
    handle: (event) => invalidator.invalidate(changedBy(event, changes)),
  });
}

/** What an event has changed; where it does not say which entity, every one of the type. */
function changedBy(event: DomainEvent, changes: readonly EventChange[]): ChangedThings {
  const entities: { type: string; key: Record<string, unknown> }[] = [];
  const types: string[] = [];
  const tags: string[] = [];
  for (const { event: type, change } of changes) {
    if (type !== event.type) continue;
    if (change.kind === 'type') types.push(change.type);
    else if (change.kind === 'tag') tags.push(change.tag);
    else {
      const { payloadField } = change;
      const value = event.payload[payloadField] ?? (payloadField === 'tenantId' ? event.tenantId : undefined);
      if (typeof value === 'string' || typeof value === 'number') {
        entities.push({ type: change.type, key: { [change.keyField]: value } });
      } else types.push(change.type);
    }
  }
  return { entities, types, tags };
}
