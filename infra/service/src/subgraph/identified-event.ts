/**
 * An event of a subscription that says where its stream goes on after it. A resolver's stream may yield such instead of bare
 * values; the gateway gets the id in `extensions.eventId`, and asks for what came after it by `SubgraphContext.lastEventId`.
 */
export class IdentifiedEvent<Value> {
  /**
   * @param eventId opaque to everybody else; at most 256 characters, no line ends
   * @param value what the field is resolved from; without one it only tells where the stream begins
   * @param publishedAt when it happened, from which gateways measure how late it is; default: when it is taken from the stream
   */
  constructor(
    readonly eventId: string,
    readonly value?: Value,
    readonly publishedAt?: Date,
  ) {}
}
