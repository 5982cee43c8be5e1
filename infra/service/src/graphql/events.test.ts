import 'reflect-metadata';
import { expect, test } from '@jest/globals';
import { Field, Int, ObjectType, Query, Resolver, Subscription } from 'type-graphql';
import { Events } from './events.js';
import { createSubgraphSchema } from './subgraph-schema.js';

@ObjectType('Price')
class PriceType {
  @Field(() => Int)
  cents!: number;
}

@Resolver()
class PriceResolver {
  @Query(() => Int)
  nothing(): number {
    return 0;
  }

  @Events({ stream: 'prices.{tenantId}', payload: 'entity' })
  @Subscription(() => PriceType, { subscribe: () => noEvents() })
  priceChanged(): PriceType {
    return new PriceType();
  }
}

async function* noEvents(): AsyncGenerator<never, void, void> {}

test('a field that is bound says so in the SDL, together with the link that composition needs', async () => {
  const { sdl } = await createSubgraphSchema([PriceResolver], {}, []);

  expect(sdl).toContain('priceChanged: Price! @events(stream: "prices.{tenantId}", payload: "entity")');
  expect(sdl).toContain('@composeDirective(name: "@events")');
});
