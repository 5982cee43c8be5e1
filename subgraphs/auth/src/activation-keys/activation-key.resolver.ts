import { PagedCost, PageArgumentsType, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import {
  ActivationBatchConnection,
  ActivationBatchType,
  ActivationKeyType,
  IssueActivationKeysInput,
  IssueActivationKeysPayloadType,
  toActivationBatchType,
} from './activation-key.type.js';

@Resolver()
export class ActivationKeyResolver {
  @Query(() => ActivationKeyType, { description: 'What an activation key is good for. Whoever has it may ask.' })
  async keyStatus(@Ctx() context: AuthContext, @Arg('key', () => String) key: string): Promise<ActivationKeyType> {
    return Object.assign(new ActivationKeyType(), await context.services.activationKeys.status(context, key));
  }

  @Mutation(() => ActivationKeyType, {
    description: 'Redeems an activation key for the active tenant, which gets its plan a moment later.',
  })
  async activateKey(@Ctx() context: AuthContext, @Arg('key', () => String) key: string): Promise<ActivationKeyType> {
    return Object.assign(new ActivationKeyType(), await context.services.activationKeys.activate(context, key));
  }

  @PagedCost()
  @Query(() => ActivationBatchConnection, {
    description: 'Activation keys by batch, the newest first. For platform administrators.',
  })
  async activationBatches(
    @Ctx() context: AuthContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<ActivationBatchType>> {
    return toConnection(await context.services.activationBatches.list(context, page), toActivationBatchType);
  }

  @Mutation(() => IssueActivationKeysPayloadType, {
    description: 'Issues activation keys for a plan and term. For platform administrators.',
  })
  async issueActivationKeys(
    @Ctx() context: AuthContext,
    @Arg('input', () => IssueActivationKeysInput) input: IssueActivationKeysInput,
  ): Promise<IssueActivationKeysPayloadType> {
    const issued = await context.services.activationBatches.issue(context, input);
    const batch = toActivationBatchType(issued);
    return Object.assign(new IssueActivationKeysPayloadType(), { batch, keys: issued.codes });
  }

  @Mutation(() => ActivationBatchType, {
    description: 'Takes back the keys of a batch that are not activated yet. For platform administrators.',
  })
  async revokeActivationBatch(
    @Ctx() context: AuthContext,
    @Arg('id', () => ID) id: string,
  ): Promise<ActivationBatchType> {
    return toActivationBatchType(await context.services.activationBatches.revoke(context, id));
  }
}
