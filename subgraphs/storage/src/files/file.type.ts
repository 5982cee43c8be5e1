import { connectionType, GraphQLSafeInt, ListCost } from '@tessera/service/graphql';
import { Directive, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import type { UploadTarget } from '../object-store/object-store.js';
import type { FileEntity, FileStatus } from './file.entity.js';

export const FileStatusEnum = { PENDING: 'PENDING', READY: 'READY', EXPIRED: 'EXPIRED', DELETED: 'DELETED' } as const;

registerEnumType(FileStatusEnum, {
  name: 'FileStatus',
  description: 'Whether a file can be used.',
  valuesConfig: {
    PENDING: { description: 'Waits for its upload to be completed.' },
    READY: { description: 'Can be downloaded.' },
    EXPIRED: { description: 'Was not uploaded in time.' },
    DELETED: { description: 'Is gone.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('File', { description: 'A stored file.' })
export class FileType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'Name for people; several files may have the same.' })
  name!: string;

  @Field(() => String, { description: 'What kind of files it belongs to.' })
  bucket!: string;

  @Field(() => String, {
    description: 'Media type, as the uploader gave it; application/octet-stream where it is not known.',
  })
  contentType!: string;

  @Field(() => GraphQLSafeInt, { description: 'Size in bytes.' })
  size!: number;

  @Field(() => String, { nullable: true, description: 'SHA-256 in hexadecimal; null until it is complete.' })
  sha256!: string | null;

  @Field(() => FileStatusEnum, { description: 'Whether it can be used.' })
  status!: FileStatus;

  @Field(() => Date, { description: 'When its upload was asked for.' })
  createdAt!: Date;

  entity!: FileEntity;
}

export const FileConnection = connectionType('File', FileType);

@ObjectType('HttpHeader', { description: 'One header of an HTTP request.' })
export class HttpHeaderType {
  @Field(() => String, { description: 'Its name, in lower case.' })
  name!: string;

  @Field(() => String, { description: 'Its value.' })
  value!: string;
}

@ObjectType('UploadTarget', { description: 'Where and how to send a file’s bytes. Nothing but the bytes is the body.' })
export class UploadTargetType {
  @Field(() => String, { description: 'A signed URL; whoever has it may upload this one file.' })
  url!: string;

  @Field(() => String, { description: 'The HTTP method to use.' })
  method!: string;

  @ListCost(5)
  @Field(() => [HttpHeaderType], {
    description: 'Headers to send, exactly. HTTP clients add Content-Length, which has to be the size.',
  })
  headers!: readonly HttpHeaderType[];

  @Field(() => Date, { description: 'When the upload must have begun.' })
  expiresAt!: Date;
}

@ObjectType('CreateUploadPayload', { description: 'A new file, and how to upload it.' })
export class CreateUploadPayloadType {
  @Field(() => FileType, { description: 'The file, still PENDING.' })
  file!: FileType;

  @Field(() => UploadTargetType, { description: 'How to upload it; then call completeUpload.' })
  upload!: UploadTarget;
}

@InputType({ description: 'What is to be uploaded.' })
export class CreateUploadInput {
  @Field(() => String, { description: 'Name for people, up to 255 bytes, without path separators.' })
  name!: string;

  @Field(() => String, {
    description: 'Media type, such as image/png, with any parameters; empty where it is not known.',
  })
  contentType!: string;

  @Field(() => GraphQLSafeInt, {
    description: 'Size in bytes, 0 for an empty file; the upload must have exactly that many.',
  })
  size!: number;

  @Field(() => String, { defaultValue: 'files', description: 'What kind of files it belongs to.' })
  bucket!: string;
}

@InputType({ description: 'What to change of a file.' })
export class UpdateFileInput {
  @Field(() => ID, { description: 'The file.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'Its new name, up to 255 bytes, without path separators.' })
  name?: string | null;
}

export function toFileType(entity: FileEntity): FileType {
  const { id, name, bucket, contentType, sizeBytes, sha256, status, createdAt } = entity;
  return Object.assign(new FileType(), {
    id,
    name,
    bucket,
    contentType,
    size: sizeBytes,
    sha256,
    status,
    createdAt,
    entity,
  });
}
