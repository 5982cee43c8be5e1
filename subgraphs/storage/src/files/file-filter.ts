import { raw, type FilterQuery } from '@mikro-orm/core';
import type { FileEntity } from './file.entity.js';
import { namesBeginningWith } from './name-range.js';

/** Which files of a tenant are listed. */
export interface FileFilter {
  readonly tenantId: string;
  /** Only those whose names begin so. */
  readonly prefix: string | undefined;
}

/**
 * Files that are complete. The status stands in the text: the indexes are for one each, and a plan for any status has none of them.
 *
 * Names are compared by operators that row-level security lets indexes use; `like` is not known to be leakproof.
 */
export function matching({ tenantId, prefix }: FileFilter): FilterQuery<FileEntity> {
  const conditions: FilterQuery<FileEntity>[] = [{ tenantId }, { [raw((alias) => `${alias}.status = 'READY'`)]: [] }];
  if (prefix !== undefined && prefix !== '') {
    const { first, end } = namesBeginningWith(prefix.normalize('NFC'));
    conditions.push({ [raw((alias) => `${alias}.name ~>=~ ?`, [first])]: [] });
    if (end !== undefined) conditions.push({ [raw((alias) => `${alias}.name ~<~ ?`, [end])]: [] });
  }
  return { $and: conditions };
}
