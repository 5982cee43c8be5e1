import { createClientAddresses } from '@tessera/service/http';
import { dispatchEvents, type Assembly, type Platform } from '@tessera/service/subgraph';
import { cleanUp } from './cleanup/clean-up.js';
import { lateUploadGraceMs, ObjectRemoval } from './cleanup/object-removal.js';
import { maxUploadLifetimeSeconds, type StorageConfig } from './config.js';
import type { StorageContext } from './context.js';
import { createLimitsHandler } from './events/limits-changed.js';
import { createExportAnnouncer, exportChannel } from './exports/export-news.js';
import { planExports, registerExportJobs } from './exports/export-jobs.js';
import { ExportService } from './exports/export.service.js';
import { createFileLoader } from './files/file.loader.js';
import { FileService } from './files/file.service.js';
import { UploadService } from './files/upload.service.js';
import { createAddressGuard } from './networks/address-guard.js';
import { networksHandler } from './networks/networks-changed.js';
import { createNetworksLoader } from './networks/networks.loader.js';
import { addObjectRoutes } from './object-routes/add-object-routes.js';
import { createObjectStore } from './object-store/create-object-store.js';
import { FileSystemStore } from './object-store/file-system-store.js';
import { createPersonUsageLoader } from './usage/person-usage.loader.js';
import { createUsageLoader } from './usage/usage.loader.js';

const cleanUpQueue = 'clean-up';
const everyMinute = '* * * * *';

/** Builds the services of storage on one platform. */
export async function assembleStorage(platform: Platform<StorageConfig>): Promise<Assembly<StorageContext>> {
  const { config, logger, lifecycle, health, serviceScope } = platform;
  const { DEFAULT_QUOTA_BYTES: defaultQuotaBytes } = config;
  const store = await createObjectStore(config);
  lifecycle.defer('object store', () => store.close());
  // Without its objects storage still answers what it knows of them.
  health.register('objects', () => store.check(), { required: false });
  const removal = new ObjectRemoval({ store, logger, serviceScope });
  lifecycle.defer('object removals', () => removal.settled());
  const uploads = new UploadService({
    store,
    serviceScope,
    maxFileBytes: config.MAX_FILE_BYTES,
    defaultQuotaBytes,
    uploadLifetimeSeconds: config.UPLOAD_LIFETIME_SECONDS,
  });
  const sources = config.EXPORT_SUBGRAPHS;
  const services = {
    uploads,
    files: new FileService(store, removal),
    exports: new ExportService({
      store,
      serviceScope,
      plan: planExports(platform.jobs),
      hasSources: sources.length > 0,
      listen: (exportId, onGap) => platform.pubSub.subscribe(exportChannel(exportId), { onGap }),
    }),
  };
  return {
    createContext: (base) => ({
      ...base,
      services,
      defaultQuotaBytes,
      loaders: {
        fileById: createFileLoader(base.scope),
        usageByTenant: createUsageLoader(base.scope),
        networksByTenant: createNetworksLoader(base.scope),
        usageByPerson: createPersonUsageLoader(base.scope, base.principal.tenantId),
      },
    }),
    events: dispatchEvents([createLimitsHandler({ logger, defaultQuotaBytes }), networksHandler]),
    addRoutes: async (server) => {
      if (!(store instanceof FileSystemStore)) return;
      await addObjectRoutes(server, {
        store,
        isAwaited: (key) => uploads.isAwaited(key),
        addressOf: createClientAddresses(config.TRUSTED_PROXIES),
        assertReachableFrom: createAddressGuard(serviceScope),
        now: () => new Date(),
      });
    },
    // What a person has here is what they took out.
    beforeErasure: ({ id }, signal) => store.removeAll(id, signal),
    // An S3 store asks nobody whether an upload is still wanted. What is set now is not how long the URLs of before are good.
    lateArrivalSeconds: maxUploadLifetimeSeconds + lateUploadGraceMs / 1_000,
    registerJobs: async (jobs) => {
      await jobs.recur(cleanUpQueue, everyMinute, async () => void (await cleanUp({ store, removal, serviceScope })));
      const [principalSecret] = config.PRINCIPAL_SECRET;
      const { EXPORT_LIFETIME_HOURS: lifetimeHours, EXPORT_GIVE_UP_HOURS: giveUpHours } = config;
      const announce = createExportAnnouncer(platform.pubSub, logger);
      const from = { store, sources, principalSecret, serviceScope, logger };
      await registerExportJobs(jobs, { ...from, announce, lifetimeHours, giveUpHours });
    },
  };
}
