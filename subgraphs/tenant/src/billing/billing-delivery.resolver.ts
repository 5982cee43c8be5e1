import { type Connection, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import type { BillingDeliveryStatus } from './billing-delivery.entity.js';
import {
  BillingDeliveryConnection,
  BillingDeliveryStatusEnum,
  toBillingDeliveryType,
  type BillingDeliveryType,
} from './billing-delivery.type.js';

@Resolver()
export class BillingDeliveryResolver {
  @PagedCost()
  @Query(() => BillingDeliveryConnection, {
    description: 'Messages to billing, the newest first. For platform administrators.',
  })
  async billingDeliveries(
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Ctx() context: TenantContext,
    @Arg('status', () => BillingDeliveryStatusEnum, { nullable: true, description: 'Only those of which this became.' })
    status?: BillingDeliveryStatus | null,
  ): Promise<Connection<BillingDeliveryType>> {
    return toConnection(
      await context.services.billingDeliveries.list(context, page, status ?? undefined),
      toBillingDeliveryType,
    );
  }
}
