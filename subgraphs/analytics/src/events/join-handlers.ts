import type { EventHandler } from '@tessera/service/subgraph';

/** Makes one handler of several, each for its own types of events. */
export function joinHandlers(...handlers: readonly EventHandler[]): EventHandler {
  const handlerOf = (type: string): EventHandler | undefined => handlers.find(({ types }) => types.includes(type));
  return {
    types: handlers.flatMap(({ types }) => types),
    handle: async (event, entityManager) => handlerOf(event.type)?.handle(event, entityManager),
    afterCommit: async (event) => handlerOf(event.type)?.afterCommit?.(event),
  };
}
