import { z } from 'zod';
import { contentTypeSchema } from './content-type.js';
import { fileNameSchema } from './file-name.js';

const bucketSchema = z
  .string()
  .regex(/^[a-z0-9](-?[a-z0-9])*$/, 'must consist of lower-case letters, digits and single hyphens')
  .max(63);

export const createUploadSchema = (maxFileBytes: number) =>
  z.object({
    name: fileNameSchema,
    contentType: contentTypeSchema,
    size: z.number().int().min(0).max(maxFileBytes),
    bucket: bucketSchema.default('files'),
  });

/** What is given up or deleted is nobody's file any more. */
export const fileFilterSchema = z.object({
  status: z.enum(['PENDING', 'READY']),
  bucket: bucketSchema.nullish().transform((bucket) => bucket ?? undefined),
  prefix: z
    .string()
    .max(255)
    .nullish()
    .transform((prefix) => prefix ?? undefined),
});

export type ListedStatus = z.infer<typeof fileFilterSchema>['status'];

export const updateFileSchema = z.object({
  id: z.string(),
  name: fileNameSchema.nullish().transform((name) => name ?? undefined),
});

/** Seconds; a day at most, for a URL cannot be taken back. */
export const downloadLifetimeSchema = z.object({ expiresInSeconds: z.number().int().min(1).max(86_400) });
