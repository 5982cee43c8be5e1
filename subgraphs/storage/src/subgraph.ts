import 'reflect-metadata';
import { defineSubgraph } from '@tessera/service/subgraph';
import { assembleStorage } from './assemble.js';
import { storageConfigSchema } from './config.js';
import type { StorageContext } from './context.js';
import { ExportEntity } from './exports/export.entity.js';
import { ExportResolver } from './exports/export.resolver.js';
import { FileEntity } from './files/file.entity.js';
import { FileResolver } from './files/file.resolver.js';
import { toFileType } from './files/file.type.js';
import { Migration0001Files } from './migrations/0001-files.js';
import { Migration0003Subjects } from './migrations/0003-subjects.js';
import { Migration0004Exports } from './migrations/0004-exports.js';
import { Migration0005RecentWrites } from './migrations/0005-recent-writes.js';
import { Migration0006QuotaWarnings } from './migrations/0006-quota-warnings.js';
import { Migration0007FileOwners } from './migrations/0007-file-owners.js';
import { Migration0008TenantNetworks } from './migrations/0008-tenant-networks.js';
import { Migration0009EmptyFiles } from './migrations/0009-empty-files.js';
import { Migration0010NameStatistics } from './migrations/0010-name-statistics.js';
import { Migration0011FailedExports } from './migrations/0011-failed-exports.js';
import { Migration0012FileBuckets } from './migrations/0012-file-buckets.js';
import { storageData } from './personal-data.js';
import { Migration0002PlanQuotas } from './migrations/0002-plan-quotas.js';
import { TenantType, toTenantType } from './references/tenant.type.js';
import { toUserType } from './references/user.type.js';
import { PersonUsageResolver } from './usage/person-usage.resolver.js';
import { UsageEntity } from './usage/usage.entity.js';
import { UsageResolver } from './usage/usage.resolver.js';

export const storageSubgraph = defineSubgraph({
  name: 'storage',
  personalData: storageData,
  configSchema: storageConfigSchema,
  entities: [FileEntity, UsageEntity, ExportEntity],
  migrations: [
    { name: '0001-files', class: Migration0001Files },
    { name: '0002-plan-quotas', class: Migration0002PlanQuotas },
    { name: '0003-subjects', class: Migration0003Subjects },
    { name: '0004-exports', class: Migration0004Exports },
    { name: '0005-recent-writes', class: Migration0005RecentWrites },
    { name: '0006-quota-warnings', class: Migration0006QuotaWarnings },
    { name: '0007-file-owners', class: Migration0007FileOwners },
    { name: '0008-tenant-networks', class: Migration0008TenantNetworks },
    { name: '0009-empty-files', class: Migration0009EmptyFiles },
    { name: '0010-name-statistics', class: Migration0010NameStatistics },
    { name: '0011-failed-exports', class: Migration0011FailedExports },
    { name: '0012-file-buckets', class: Migration0012FileBuckets },
  ],
  resolvers: [FileResolver, UsageResolver, PersonUsageResolver, ExportResolver],
  references: {
    File: async ({ id }, context: StorageContext) => {
      const file = await context.services.files.refer(context, context.loaders.fileById, String(id));
      return file === null ? null : toFileType(file);
    },
    Tenant: async ({ id }) => toTenantType(String(id)),
    User: async ({ id }) => toUserType(String(id)),
  },
  unreachedTypes: [TenantType],
  assemble: assembleStorage,
});
