import type { EventHandler } from './declaration.js';

/**
 * Makes one handler of several, each for its own types.
 *
 * @throws Error for a type that two of them handle: which one would be chance
 */
export function dispatchEvents(handlers: readonly EventHandler[]): EventHandler {
  const byType = new Map<string, EventHandler>();
  for (const handler of handlers) {
    for (const type of handler.types) {
      if (byType.has(type)) throw new Error(`Two handlers act on events of type ${type}`);
      byType.set(type, handler);
    }
  }
  return {
    types: [...byType.keys()],
    handle: async (event, entityManager) => byType.get(event.type)?.handle(event, entityManager),
    afterCommit: async (event) => byType.get(event.type)?.afterCommit?.(event),
  };
}
