import type { RequestContext } from '../context.js';
import type { Flight } from './flight.js';

/**
 * Which queries are under way, so that an equal one can wait for the same answer.
 *
 * Equal means: the same subgraph, the same bytes, and callers whom the subgraph cannot tell apart, by principal or by any
 * header that is handed on. What a caller changes, that caller sees: after each mutation nobody joins what began before.
 */
export class FlightBoard {
  /** Subgraph and caller -> body -> flight. */
  readonly #flights = new Map<string, Map<string, Flight>>();

  find(subgraph: string, body: string, context: RequestContext): Flight | undefined {
    return this.#flights.get(keyOf(subgraph, context))?.get(body);
  }

  add(subgraph: string, body: string, context: RequestContext, flight: Flight): void {
    const key = keyOf(subgraph, context);
    const ofCaller = this.#flights.get(key);
    if (ofCaller === undefined) this.#flights.set(key, new Map([[body, flight]]));
    else ofCaller.set(body, flight);
  }

  remove(subgraph: string, body: string, context: RequestContext, flight: Flight): void {
    const key = keyOf(subgraph, context);
    const ofCaller = this.#flights.get(key);
    if (ofCaller?.get(body) !== flight) return;
    if (ofCaller.size === 1) this.#flights.delete(key);
    else ofCaller.delete(body);
  }

  /** Lets nobody join what a caller has under way. */
  forget(subgraphs: Iterable<string>, context: RequestContext): void {
    for (const subgraph of subgraphs) this.#flights.delete(keyOf(subgraph, context));
  }
}

function keyOf(subgraph: string, { encodedPrincipal, forwardedHeaders }: RequestContext): string {
  // As JSON, so that no header can be made to look like two.
  const headers = forwardedHeaders === undefined ? '' : JSON.stringify(forwardedHeaders);
  return `${subgraph}\n${encodedPrincipal}\n${headers}`;
}
