import { type Connection, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { StorageContext } from '../context.js';
import { toUserType, UserType } from '../references/user.type.js';
import type { FileStatus } from './file.entity.js';
import {
  CreateUploadInput,
  CreateUploadPayloadType,
  FileConnection,
  FileStatusEnum,
  FileType,
  toFileType,
  UpdateFileInput,
} from './file.type.js';

@Resolver(() => FileType)
export class FileResolver {
  @Query(() => FileType, { nullable: true, description: 'A file of the active tenant.' })
  async file(@Ctx() context: StorageContext, @Arg('id', () => ID) id: string): Promise<FileType> {
    return toFileType(await context.services.files.find(context, context.loaders.fileById, id));
  }

  @PagedCost()
  @Query(() => FileConnection, {
    description: 'Files of the active tenant, the newest first; the complete ones, unless another status is asked for.',
  })
  async files(
    @Ctx() context: StorageContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('prefix', () => String, { nullable: true, description: 'Only files whose names begin with this.' })
    prefix: string | null | undefined,
    @Arg('bucket', () => String, { nullable: true, description: 'Only files of this bucket.' })
    bucket: string | null | undefined,
    @Arg('status', () => FileStatusEnum, {
      defaultValue: 'READY',
      description: 'Only files of this status, READY or PENDING: what is EXPIRED or DELETED is listed nowhere.',
    })
    status: FileStatus,
  ): Promise<Connection<FileType>> {
    return toConnection(await context.services.files.list(context, { prefix, bucket, status }, page), toFileType);
  }

  @Mutation(() => CreateUploadPayloadType, { description: 'Reserves space for a file, and says how to upload it.' })
  async createUpload(
    @Ctx() context: StorageContext,
    @Arg('input', () => CreateUploadInput) input: CreateUploadInput,
  ): Promise<CreateUploadPayloadType> {
    const { file, target } = await context.services.uploads.create(context, input);
    return Object.assign(new CreateUploadPayloadType(), { file: toFileType(file), upload: target });
  }

  @Mutation(() => FileType, {
    description:
      'Makes an uploaded file usable; repeating it changes nothing. It reads the whole file: repeat it where it was not answered in time.',
  })
  async completeUpload(@Ctx() context: StorageContext, @Arg('fileId', () => ID) fileId: string): Promise<FileType> {
    return toFileType(await context.services.uploads.complete(context, fileId));
  }

  @Mutation(() => FileType, {
    description: 'Changes what people see of a file, also while it is being uploaded; what is absent stays.',
  })
  async updateFile(
    @Ctx() context: StorageContext,
    @Arg('input', () => UpdateFileInput) input: UpdateFileInput,
  ): Promise<FileType> {
    return toFileType(await context.services.files.update(context, input));
  }

  @Mutation(() => FileType, { description: 'Deletes a file of the active tenant; its space is free at once.' })
  async deleteFile(@Ctx() context: StorageContext, @Arg('id', () => ID) id: string): Promise<FileType> {
    return toFileType(await context.services.files.delete(context, id));
  }

  @FieldResolver(() => UserType, { description: 'Who uploaded it.' })
  owner(@Root() { entity }: FileType): UserType {
    return toUserType(entity.ownerId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'A signed URL that gives the bytes to whoever has it; null while the file is not READY.',
  })
  async downloadUrl(
    @Root() { entity }: FileType,
    @Ctx() context: StorageContext,
    @Arg('expiresInSeconds', () => Int, {
      defaultValue: 900,
      description:
        'How long it is good at least, a day at most: asked for again it is the same for half of that, and good for as much longer. Where the tenant’s security policy names networks, it is good for no longer, and for a minute at most.',
    })
    expiresInSeconds: number,
  ): Promise<string | null> {
    const { services, loaders } = context;
    return services.files.createDownloadUrl(context, loaders.networksByTenant, entity, { expiresInSeconds });
  }
}
