import { PagedCost, PageArgumentsType, toConnection, type Connection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import type { ClientWithSecret } from './machine-client.service.js';
import {
  CreateMachineClientInput,
  MachineClientConnection,
  MachineClientPayloadType,
  MachineClientType,
  RotateMachineClientSecretInput,
  toMachineClientType,
} from './machine-client.type.js';

@Resolver()
export class MachineClientResolver {
  @PagedCost()
  @Query(() => MachineClientConnection, { description: 'The machine clients of the active tenant, the newest first.' })
  async machineClients(
    @Ctx() context: AuthContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<MachineClientType>> {
    return toConnection(await context.services.machineClients.list(context, page), toMachineClientType);
  }

  @Mutation(() => MachineClientPayloadType, {
    description: 'Makes a machine client for the active tenant, after a recent proof.',
  })
  async createMachineClient(
    @Ctx() context: AuthContext,
    @Arg('input', () => CreateMachineClientInput) input: CreateMachineClientInput,
  ): Promise<MachineClientPayloadType> {
    return toPayload(await context.services.machineClients.create(context, input));
  }

  @Mutation(() => MachineClientPayloadType, {
    description: 'Gives a client another secret, after a recent proof. Its tokens stay good.',
  })
  async rotateMachineClientSecret(
    @Ctx() context: AuthContext,
    @Arg('input', () => RotateMachineClientSecretInput) input: RotateMachineClientSecretInput,
  ): Promise<MachineClientPayloadType> {
    return toPayload(await context.services.machineClients.rotateSecret(context, input));
  }

  @Mutation(() => MachineClientType, { description: 'Ends a client and all of its tokens at once.' })
  async revokeMachineClient(@Ctx() context: AuthContext, @Arg('id', () => ID) id: string): Promise<MachineClientType> {
    return toMachineClientType(await context.services.machineClients.revoke(context, id));
  }
}

function toPayload({ client, secret }: ClientWithSecret): MachineClientPayloadType {
  return Object.assign(new MachineClientPayloadType(), { client: toMachineClientType(client), secret });
}
