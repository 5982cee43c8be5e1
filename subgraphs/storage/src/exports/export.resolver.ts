import { Delivery } from '@tessera/service/graphql';
import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from 'type-graphql';
import type { StorageContext } from '../context.js';
import type { ExportEntity } from './export.entity.js';
import { DataExportType, RequestExportInput, toDataExportType } from './export.type.js';

@Resolver(() => DataExportType)
export class ExportResolver {
  @Query(() => DataExportType, {
    nullable: true,
    description: 'An export of the active tenant, for who manages it, or of the caller.',
  })
  async dataExport(@Ctx() context: StorageContext, @Arg('id', () => ID) id: string): Promise<DataExportType> {
    return toDataExportType(await context.services.exports.find(context, id));
  }

  @Mutation(() => DataExportType, {
    description: 'Begins to take everything out; while an export is under way, answers that one.',
  })
  async requestExport(
    @Ctx() context: StorageContext,
    @Arg('input', () => RequestExportInput) input: RequestExportInput,
  ): Promise<DataExportType> {
    return toDataExportType(await context.services.exports.request(context, input));
  }

  @Delivery({ sharedBy: 'nobody', whenBehind: 'latest' })
  @Subscription(() => DataExportType, {
    description:
      'An export as it is, and whenever it has moved, until its archive is complete or it has failed. Each event is all that is known: who comes back has missed nothing.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, { id: string }, StorageContext>) =>
      context.services.exports.watch(context, args.id),
  })
  async dataExportProgress(
    @Root() moved: ExportEntity,
    @Ctx() context: StorageContext,
    @Arg('id', () => ID) _id: string,
  ): Promise<DataExportType> {
    // Whether the caller may still see it; shown is what had moved, so that each state comes once.
    await context.services.exports.find(context, moved.id);
    return toDataExportType(moved);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'A signed URL, good for 15 minutes (one, where the tenant’s security policy names networks), that gives the archive to whoever has it; null while there is none.',
  })
  async downloadUrl(@Root() { entity }: DataExportType, @Ctx() context: StorageContext): Promise<string | null> {
    return context.services.exports.createDownloadUrl(entity);
  }
}
