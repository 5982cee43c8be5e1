import { PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import {
  FieldUsageArguments,
  FieldUsageConnection,
  toFieldUsageType,
  type FieldUsageType,
} from './field-usage.type.js';

@Resolver()
export class FieldUsageResolver {
  @PagedCost()
  @Query(() => FieldUsageConnection, {
    description:
      'Who uses which parts of the schema, and so who would break if they changed: by client, version and operation. For SUPER_ADMIN.',
  })
  async fieldUsage(
    @Ctx() context: AnalyticsContext,
    @Args(() => FieldUsageArguments) usage: FieldUsageArguments,
  ): Promise<Connection<FieldUsageType>> {
    return toConnection(await context.services.fieldUsage.usage(context, usage), toFieldUsageType);
  }
}
