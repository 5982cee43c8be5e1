import { booleanField, portField, secretsField, subgraphFields, urlField } from '@tessera/service/config';
import { networksField } from '@tessera/service/http';
import { z } from 'zod';

const bytesField = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** A day. */
export const maxUploadLifetimeSeconds = 86_400;

/** `name=url` pairs, parted by commas. */
const sourcesField = z.string().transform((text, issues) => {
  const sources = text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const [name = '', url = ''] = pair.trim().split(/=(.*)/s);
      return { name, url };
    });
  if (sources.every(({ name, url }) => /^[a-z0-9-]{1,64}$/.test(name) && URL.canParse(url))) return sources;
  issues.addIssue({ code: 'custom', message: 'must be name=url pairs, parted by commas' });
  return z.NEVER;
});

export const storageConfigSchema = z.object({
  ...subgraphFields,
  PORT: portField.default(4004),
  /** Where objects are kept: `file:///folder`, or `s3://bucket?endpoint=…&region=…&forcePathStyle=true&publicEndpoint=…`. */
  OBJECT_STORE_URL: z.string().min(1),
  /** The first signs the URLs of the file-system store, any verifies them. */
  OBJECT_URL_SECRET: secretsField.optional(),
  /** How clients reach this service, for the URLs of the file-system store; `http://localhost:<PORT>` when absent. */
  PUBLIC_URL: urlField.optional(),
  /** Proxies before the file-system store whose `X-Forwarded-For` is believed; without any, who is connected is the client. */
  TRUSTED_PROXIES: networksField,
  /** Without a key, credentials come from the platform (AWS's default chain). */
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  /** Creates the bucket where it is missing. */
  S3_CREATE_BUCKET: booleanField.default(false),
  MAX_FILE_BYTES: bytesField.default(5 * 1024 ** 3),
  /** Quota of a tenant that has none of its own. */
  DEFAULT_QUOTA_BYTES: bytesField.default(1024 ** 3),
  /** How long an upload may take to begin; what is not completed some time after that is given up. */
  UPLOAD_LIFETIME_SECONDS: z.coerce.number().int().min(1).max(maxUploadLifetimeSeconds).default(3_600),
  /** The services whose rows are taken out with an export, and where they answer; without any, nothing can be taken out. */
  EXPORT_SUBGRAPHS: sourcesField.default([]),
  /** How long the archive of an export is kept. */
  EXPORT_LIFETIME_HOURS: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 90)
    .default(72),
  /** How long an export may come no further before it is given up: services, and the store, may be away as long. */
  EXPORT_GIVE_UP_HOURS: z.coerce.number().int().min(1).max(72).default(24),
});

export type StorageConfig = z.infer<typeof storageConfigSchema>;
