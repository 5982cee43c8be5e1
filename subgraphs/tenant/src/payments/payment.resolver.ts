import { type Connection, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { CheckoutInput, CheckoutPayload, PaymentConnection, toPaymentType, type PaymentType } from './payment.type.js';

@Resolver()
export class PaymentResolver {
  @Mutation(() => CheckoutPayload, { description: 'Begins to buy a month of a plan for the active tenant.' })
  async checkout(
    @Ctx() context: TenantContext,
    @Arg('input', () => CheckoutInput) input: CheckoutInput,
  ): Promise<CheckoutPayload> {
    const { payment, url } = await context.services.payments.checkout(context, input);
    return Object.assign(new CheckoutPayload(), { payment: toPaymentType(payment), url });
  }

  @PagedCost()
  @Query(() => PaymentConnection, {
    description: 'Payments of the active tenant, the newest first. For its administrators.',
  })
  async payments(
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Ctx() context: TenantContext,
  ): Promise<Connection<PaymentType>> {
    return toConnection(await context.services.payments.list(context, page), toPaymentType);
  }
}
