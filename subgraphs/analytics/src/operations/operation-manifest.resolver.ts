import { ListCost, PageArgumentsType, PagedCost, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import {
  OperationManifestConnection,
  OperationManifestType,
  PublishOperationManifestInput,
  RegisteredOperationType,
  toOperationManifestType,
  WithdrawOperationManifestInput,
} from './operation-manifest.type.js';

@Resolver(() => OperationManifestType)
export class OperationManifestResolver {
  @Query(() => OperationManifestType, { nullable: true, description: 'A manifest; for SUPER_ADMIN.' })
  async operationManifest(
    @Ctx() context: AnalyticsContext,
    @Arg('id', () => ID) id: string,
  ): Promise<OperationManifestType> {
    return toOperationManifestType(await context.services.operationManifests.find(context, id));
  }

  @PagedCost()
  @Query(() => OperationManifestConnection, {
    description: 'What was published, the newest first, with what was replaced or withdrawn; for SUPER_ADMIN.',
  })
  async operationManifests(
    @Ctx() context: AnalyticsContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('clientName', () => String, { nullable: true, description: 'Only of this client.' }) clientName?: string,
    @Arg('clientVersion', () => String, { nullable: true, description: 'Only of this version.' })
    clientVersion?: string,
  ): Promise<Connection<OperationManifestType>> {
    const filter = { clientName: clientName ?? undefined, clientVersion: clientVersion ?? undefined };
    return toConnection(await context.services.operationManifests.list(context, filter, page), toOperationManifestType);
  }

  @Mutation(() => OperationManifestType, {
    description:
      'Registers what one version of a client was built with; other versions stay. Gateways take it over within seconds. For SUPER_ADMIN.',
  })
  async publishOperationManifest(
    @Ctx() context: AnalyticsContext,
    @Arg('input', () => PublishOperationManifestInput) input: PublishOperationManifestInput,
  ): Promise<OperationManifestType> {
    return toOperationManifestType(await context.services.operationManifests.publish(context, input));
  }

  @Mutation(() => OperationManifestType, {
    description: 'Takes what one version of a client was built with out of use; for SUPER_ADMIN.',
  })
  async withdrawOperationManifest(
    @Ctx() context: AnalyticsContext,
    @Arg('input', () => WithdrawOperationManifestInput) input: WithdrawOperationManifestInput,
  ): Promise<OperationManifestType> {
    return toOperationManifestType(await context.services.operationManifests.withdraw(context, input));
  }

  @ListCost(100)
  @FieldResolver(() => [RegisteredOperationType], { description: 'Its operations, in the order of their names.' })
  async operations(
    @Root() { id }: OperationManifestType,
    @Ctx() { loaders }: AnalyticsContext,
  ): Promise<readonly RegisteredOperationType[]> {
    const rows = await loaders.operationsByManifest.load(id);
    return rows.map(({ operation_id, name, body }) =>
      Object.assign(new RegisteredOperationType(), { id: operation_id, name, body }),
    );
  }
}
