import { PagedCost, PageArgumentsType, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import type { NewApiKey } from './api-key.service.js';
import {
  ApiKeyConnection,
  ApiKeyPayloadType,
  ApiKeyType,
  CreateApiKeyInput,
  RotateApiKeyInput,
  toApiKeyType,
} from './api-key.type.js';

@Resolver()
export class ApiKeyResolver {
  @PagedCost()
  @Query(() => ApiKeyConnection, { description: 'The API keys of the active tenant, the newest first.' })
  async apiKeys(
    @Ctx() context: AuthContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<ApiKeyType>> {
    return toConnection(await context.services.apiKeys.list(context, page), toApiKeyType);
  }

  @Mutation(() => ApiKeyPayloadType, { description: 'Makes an API key for the active tenant, after a recent proof.' })
  async createApiKey(
    @Ctx() context: AuthContext,
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
  ): Promise<ApiKeyPayloadType> {
    return toPayload(await context.services.apiKeys.create(context, input));
  }

  @Mutation(() => ApiKeyPayloadType, {
    description: 'Makes another key with the same rights in place of one, after a recent proof.',
  })
  async rotateApiKey(
    @Ctx() context: AuthContext,
    @Arg('input', () => RotateApiKeyInput) input: RotateApiKeyInput,
  ): Promise<ApiKeyPayloadType> {
    return toPayload(await context.services.apiKeys.rotate(context, input));
  }

  @Mutation(() => ApiKeyType, { description: 'Ends an API key at once, on open sockets too.' })
  async revokeApiKey(@Ctx() context: AuthContext, @Arg('id', () => ID) id: string): Promise<ApiKeyType> {
    return toApiKeyType(await context.services.apiKeys.revoke(context, id));
  }
}

function toPayload({ apiKey, token }: NewApiKey): ApiKeyPayloadType {
  return Object.assign(new ApiKeyPayloadType(), { apiKey: toApiKeyType(apiKey), token });
}
