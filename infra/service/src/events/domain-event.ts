import { v7 as uuidV7 } from 'uuid';
import { z } from 'zod';
import type { JsonObject } from '../json/index.js';

/** Something that happened in one subgraph and that others may act upon. Its names and payload are a public contract. */
export interface DomainEvent {
  /** UUIDv7; consumers recognise a repeated delivery by it. */
  readonly id: string;
  /** `<entity>.<pastTense>`, e.g. `user.signedUp`. */
  readonly type: string;
  /** The tenant it happened in; absent for what belongs to no tenant. */
  readonly tenantId?: string;
  /** ISO 8601, UTC. */
  readonly occurredAt: string;
  readonly payload: JsonObject;
}

/** What the publisher says about an event; id and time are added. */
export type NewDomainEvent = Pick<DomainEvent, 'type' | 'tenantId' | 'payload'>;

/** Builds an event that happens now. */
export function createDomainEvent(event: NewDomainEvent, now: () => Date = () => new Date()): DomainEvent {
  return { id: uuidV7(), occurredAt: now().toISOString(), ...event };
}

const domainEventSchema = z.object({
  id: z.uuid(),
  type: z.string().min(1),
  tenantId: z.string().exactOptional(),
  occurredAt: z.iso.datetime(),
  payload: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
});

/**
 * Reads an event that came through a store or a broker.
 *
 * @throws Error (of JSON or of the schema) when the text is not an event
 */
export function parseDomainEvent(text: string): DomainEvent {
  return domainEventSchema.parse(JSON.parse(text));
}
