import { PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import {
  OperationUsageArguments,
  OperationUsageConnection,
  toOperationUsageType,
  type OperationUsageType,
} from './operation-use.type.js';

@Resolver()
export class OperationUseResolver {
  @PagedCost()
  @Query(() => OperationUsageConnection, {
    description:
      'Who uses which operations. A client of which nothing that is not registered is seen any more may be held to its list; a version that is not seen may be withdrawn. For SUPER_ADMIN.',
  })
  async operationUsage(
    @Ctx() context: AnalyticsContext,
    @Args(() => OperationUsageArguments) usage: OperationUsageArguments,
  ): Promise<Connection<OperationUsageType>> {
    return toConnection(await context.services.operationUses.usage(context, usage), toOperationUsageType);
  }
}
