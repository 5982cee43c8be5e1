import type { SubgraphContext } from '@tessera/service/subgraph';
import type { ExportService } from './exports/export.service.js';
import type { createFileLoader } from './files/file.loader.js';
import type { FileService } from './files/file.service.js';
import type { UploadService } from './files/upload.service.js';
import type { createNetworksLoader } from './networks/networks.loader.js';
import type { createPersonUsageLoader } from './usage/person-usage.loader.js';
import type { createUsageLoader } from './usage/usage.loader.js';

export interface StorageContext extends SubgraphContext {
  readonly services: {
    readonly exports: ExportService;
    readonly files: FileService;
    readonly uploads: UploadService;
  };
  readonly loaders: {
    readonly fileById: ReturnType<typeof createFileLoader>;
    readonly networksByTenant: ReturnType<typeof createNetworksLoader>;
    readonly usageByTenant: ReturnType<typeof createUsageLoader>;
    readonly usageByPerson: ReturnType<typeof createPersonUsageLoader>;
  };
  /** Quota of a tenant that has none of its own. */
  readonly defaultQuotaBytes: number;
}
