import type { FastifyInstance } from 'fastify';
import type { ClassType } from 'type-graphql';
import type { z, ZodObject, ZodRawShape } from 'zod';
import type { subgraphFields } from '../config/index.js';
import type { DatabaseSchema, EntityManager } from '../database/index.js';
import type { DomainEvent } from '../events/index.js';
import {
  createSubgraphSchema,
  type ReferenceResolvers,
  type ResolverClasses,
  type SubgraphSchema,
} from '../graphql/index.js';
import type { Jobs } from '../jobs/index.js';
import type { DataInventory, Subject } from '../personal-data/index.js';
import type { SubgraphContext } from './context.js';
import type { Platform } from './platform.js';

/** Names of databases and roles are made of it, which are not quoted, and 63 characters at most. */
const namePattern = /^[a-z][a-z0-9]{0,39}$/;

/** Settings that every subgraph has; its own schema adds to them. */
export type SubgraphConfig = z.infer<ZodObject<typeof subgraphFields>> & { readonly PORT: number };

/** What a subgraph does about other subgraphs' events. */
export interface EventHandler {
  readonly types: readonly string[];
  /** Runs once an event, in a transaction that also remembers the event; throwing means "deliver it again". */
  handle(event: DomainEvent, entityManager: EntityManager): Promise<void>;
  /** Runs after that transaction has committed; a failure here does not deliver the event again. */
  afterCommit?(event: DomainEvent): Promise<void>;
}

/** A subgraph put together on one platform. */
export interface Assembly<Context extends SubgraphContext> {
  /** Adds the services and the request's loaders to what every resolver has. */
  createContext(base: SubgraphContext): Context;
  readonly events?: EventHandler;
  /** Routes beside `/graphql`; they authenticate by themselves. */
  addRoutes?(server: FastifyInstance): void | Promise<void>;
  /** Removes what a subject has outside of the tables, before its rows are erased; safe to repeat. */
  beforeErasure?(subject: Subject, signal: AbortSignal): Promise<void>;
  /** How long what was granted to a subject may still arrive after its erasure, where that is more than two hours: it goes too. */
  readonly lateArrivalSeconds?: number;
  /** Names the queues that this instance works on, and plans recurring jobs. */
  registerJobs?(jobs: Jobs): Promise<void>;
  /** Starts loops; called once everything else is in place. Register their closing with the lifecycle. */
  start?(): Promise<void>;
}

/** One subgraph: all that tells it apart from the others. */
export interface SubgraphDeclaration<
  Name extends string,
  Shape extends ZodRawShape,
  Context extends SubgraphContext,
> extends DatabaseSchema {
  /** Lower-case letters and digits: its database and its role are called `tessera_<name>`. */
  readonly name: Name;
  /** What its tables hold of tenants and people: what is exported and erased, and by which key. */
  readonly personalData: DataInventory;
  readonly configSchema: ZodObject<Shape>;
  readonly resolvers: ResolverClasses;
  readonly references: ReferenceResolvers<Context>;
  /** Entities of other subgraphs that it adds fields to and that none of its own fields leads to. */
  readonly unreachedTypes?: readonly ClassType[];
  assemble(
    platform: Platform<SubgraphConfig & z.infer<ZodObject<Shape>>>,
  ): Assembly<Context> | Promise<Assembly<Context>>;
}

/** A declared subgraph, its own types put away: what runs, prints and migrates subgraphs needs no more than this. */
export interface Subgraph<Name extends string = string> extends DatabaseSchema {
  readonly name: Name;
  readonly personalData: DataInventory;
  readonly configSchema: ZodObject;
  buildSchema(): Promise<SubgraphSchema>;
  assemble(platform: Platform<SubgraphConfig>): Promise<Assembly<SubgraphContext>>;
}

/**
 * Declares a subgraph. It opens nothing; `createSubgraph` does.
 *
 * @throws Error for a name that no database can have
 */
export function defineSubgraph<const Name extends string, Shape extends ZodRawShape, Context extends SubgraphContext>(
  declaration: SubgraphDeclaration<Name, Shape, Context>,
): Subgraph<Name> {
  const {
    name,
    personalData,
    configSchema,
    entities,
    migrations,
    leakproofFunctions = [],
    resolvers,
    references,
    unreachedTypes = [],
  } = declaration;
  if (!namePattern.test(name))
    throw new Error(`Subgraph ${name}: a name has lower-case letters and digits, 40 at most`);
  return {
    name,
    personalData,
    configSchema,
    entities,
    migrations,
    leakproofFunctions,
    buildSchema: () => createSubgraphSchema(resolvers, references, unreachedTypes),
    // The platform's config was parsed by this declaration's own schema, which is what its type says.
    assemble: async (platform) =>
      declaration.assemble(platform as Platform<SubgraphConfig & z.infer<ZodObject<Shape>>>),
  };
}
