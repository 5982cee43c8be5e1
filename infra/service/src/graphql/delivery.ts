import { Directive } from 'type-graphql';

/** How gateways hand out a subscription field's events (`@delivery`). */
export interface DeliveryOptions {
  /**
   * `tenant`: all members of a tenant with equal roles and scopes get the same events, whatever of them they ask for; nothing
   * about the person may show. `principal`: only one and the same caller does. `nobody`: each subscriber is answered apart, as
   * where the stream begins with what happened before. Default `principal`.
   */
  readonly sharedBy?: 'tenant' | 'principal' | 'nobody';
  /**
   * What becomes of events that a client does not read in time. `latest`: each is a state of its own, the last one alone is
   * worth having. `close`: none may be left out, so the connection is closed. Default `close`.
   */
  readonly whenBehind?: 'latest' | 'close';
}

/** What a subgraph that uses the directive says to composition, which would drop it otherwise. */
export const deliveryLink = `extend schema
  @link(url: "https://specs.tessera.dev/delivery/v1.0", import: ["@delivery"])
  @composeDirective(name: "@delivery")

directive @delivery(sharedBy: String! = "principal", whenBehind: String! = "close") on FIELD_DEFINITION`;

/** Says of a subscription field how its events may be handed out. */
export function Delivery({ sharedBy = 'principal', whenBehind = 'close' }: DeliveryOptions): MethodDecorator {
  return Directive(`@delivery(sharedBy: "${sharedBy}", whenBehind: "${whenBehind}")`);
}
