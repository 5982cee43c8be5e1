import { Directive } from 'type-graphql';

/** Where gateways take a subscription field's events from (`@events`); the subgraph itself holds no sockets. */
export type EventsOptions = {
  /**
   * `value`: an event is the field's whole value. `entity`: it is a representation (`{ id }`), and the subgraph is asked for the
   * entity's fields on behalf of each principal. Default `value`.
   */
  readonly payload?: 'value' | 'entity';
} & (
  | {
      /** Reaches who listens: `orders.{tenantId}.{args.id}`. */
      readonly channel: string;
    }
  | {
      /** Keeps its last events, each with an id: `orders.{tenantId}`. */
      readonly stream: string;
    }
);

/** What a subgraph that uses the directive says to composition, which would drop it otherwise. */
export const eventsLink = `extend schema
  @link(url: "https://specs.tessera.dev/events/v1.0", import: ["@events"])
  @composeDirective(name: "@events")

directive @events(channel: String, stream: String, payload: String! = "value") on FIELD_DEFINITION`;

/** Binds a subscription field to what `Platform.liveEvents` publishes. */
export function Events({ payload = 'value', ...source }: EventsOptions): MethodDecorator {
  const [[kind = '', name = ''] = []] = Object.entries(source);
  return Directive(`@events(${kind}: ${JSON.stringify(name)}, payload: "${payload}")`);
}
