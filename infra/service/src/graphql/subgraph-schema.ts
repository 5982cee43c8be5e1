import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { parse, type GraphQLSchema } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import { buildSchema, createResolversMap, type ClassType, type NonEmptyArray, type PubSub } from 'type-graphql';
import { cacheControlLink, mendCacheControl } from './cache-control.js';
import { deliveryLink } from './delivery.js';
import { eventsLink } from './events.js';

/** Finds an entity by what another subgraph knows of it; null where the caller may not see it or it does not exist. */
export type ReferenceResolver<Context> = (
  reference: Readonly<Record<string, unknown>>,
  context: Context,
) => Promise<object | null>;

/** One key a type of the graph. */
export type ReferenceResolvers<Context> = Readonly<Record<string, ReferenceResolver<Context>>>;

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- type-graphql's own name for resolver classes
export type ResolverClasses = NonEmptyArray<Function>;

export interface SubgraphSchema {
  readonly schema: GraphQLSchema;
  /** What this subgraph says of itself to composition. */
  readonly sdl: string;
}

const imports = [
  '@key',
  '@shareable',
  '@external',
  '@provides',
  '@requires',
  '@inaccessible',
  '@tag',
  '@override',
  '@cost',
  '@listSize',
];

/** What stands before the types: the features that they use. */
function headerOf(types: string): string {
  const links = [
    ...(types.includes('@cacheControl(') ? [cacheControlLink] : []),
    ...(types.includes('@delivery(') ? [deliveryLink] : []),
    ...(types.includes('@events(') ? [eventsLink] : []),
  ];
  const names = [...imports, ...(links.length > 0 ? ['@composeDirective'] : [])].map((name) => `"${name}"`);
  const federation = `extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9",
  import: [${names.join(', ')}]
)`;
  return [federation, ...links].join('\n\n');
}

/** type-graphql asks for it wherever there is a subscription; ours bring their own iterator (`subscribe`) instead. */
const noTopics: PubSub = {
  publish: () => undefined,
  subscribe: () => {
    throw new Error('Subscriptions by topic are not supported: pass `subscribe` to @Subscription');
  },
};

/**
 * Builds an executable Federation 2 subgraph from type-graphql classes. Resolvers are shared by all requests: what belongs
 * to one request travels in its context.
 *
 * @param unreachedTypes entities of other subgraphs that none of this one's own fields leads to
 */
export async function createSubgraphSchema<Context>(
  resolvers: ResolverClasses,
  references: ReferenceResolvers<Context>,
  unreachedTypes: readonly ClassType[],
): Promise<SubgraphSchema> {
  const schema = await buildSchema({
    resolvers,
    orphanedTypes: [...unreachedTypes],
    validate: false,
    scalarsMap: [{ type: Date, scalar: GraphQLDateTime }],
    pubSub: noTopics,
    // Federation's directives are known only after the @link line is read.
    skipCheck: true,
  });
  const types = mendCacheControl(printSchemaWithDirectives(schema));
  const sdl = `${headerOf(types)}\n\n${types}\n`;
  const resolversMap: Record<string, unknown> = { ...createResolversMap(schema) };
  for (const [typeName, resolve] of Object.entries(references)) {
    const fields = resolversMap[typeName] as Record<string, unknown> | undefined;
    if (fields === undefined) {
      throw new Error(`Type ${typeName} has a reference resolver but no field leads to it: name it in unreachedTypes`);
    }
    resolversMap[typeName] = {
      ...fields,
      __resolveReference: (reference: Readonly<Record<string, unknown>>, context: Context) =>
        resolve(reference, context),
    };
  }
  return {
    schema: buildSubgraphSchema({
      typeDefs: parse(sdl),
      resolvers: resolversMap as Parameters<typeof buildSubgraphSchema>[0] extends { resolvers?: infer R } ? R : never,
    }),
    sdl,
  };
}
