import { raw, type FilterQuery } from '@mikro-orm/core';
import type { FileEntity } from './file.entity.js';
import type { ListedStatus } from './file-input.js';
import { namesBeginningWith } from './name-range.js';

/** Which files of a tenant are listed. */
export interface FileFilter {
  readonly tenantId: string;
  readonly status: ListedStatus;
  readonly bucket: string | undefined;
  /** Only those whose names begin so. */
  readonly prefix: string | undefined;
}

/** They stand in the text, for the indexes are for one status each: a plan for any status would have none of them. */
const hasStatus: Readonly<Record<ListedStatus, (alias: string) => string>> = {
  PENDING: (alias) => `${alias}.status = 'PENDING'`,
  READY: (alias) => `${alias}.status = 'READY'`,
};

/** Names are compared by operators that row-level security lets indexes use; `like` is not known to be leakproof. */
export function matching({ tenantId, status, bucket, prefix }: FileFilter): FilterQuery<FileEntity> {
  const conditions: FilterQuery<FileEntity>[] = [
    { tenantId, ...(bucket !== undefined && { bucket }) },
    { [raw(hasStatus[status])]: [] },
  ];
  if (prefix !== undefined && prefix !== '') {
    const { first, end } = namesBeginningWith(prefix.normalize('NFC'));
    conditions.push({ [raw((alias) => `${alias}.name ~>=~ ?`, [first])]: [] });
    if (end !== undefined) conditions.push({ [raw((alias) => `${alias}.name ~<~ ?`, [end])]: [] });
  }
  return { $and: conditions };
}
