import { randomUUID } from 'node:crypto';
import { ExportRun, type ExportRunOptions } from './export-run.js';
import { archiveKey, exportBeginning, positionOf, type ExportEntity } from './export.entity.js';
import { finishExport, type FinishExportOptions } from './finish-export.js';

export interface RunExportOptions extends Omit<ExportRunOptions, 'attempt'>, FinishExportOptions {}

/**
 * Writes an archive from where it was left: rows of every service, files, and a manifest at the end. The position is kept with
 * every checkpoint of the archive, so that what is done again after a crash is what was written since.
 */
export async function runExport(options: RunExportOptions, entity: ExportEntity, signal: AbortSignal): Promise<void> {
  const { store, announce } = options;
  const key = archiveKey(entity);
  const sizeBytes = (await store.sizeOf(key)) ?? (await writeArchive(options, entity, signal));
  await finishExport(options, entity, sizeBytes);
  announce(entity.id);
}

async function writeArchive(options: RunExportOptions, entity: ExportEntity, signal: AbortSignal): Promise<number> {
  const { store } = options;
  const key = archiveKey(entity);
  const kept = positionOf(entity);
  const resumed = kept.archive === null ? undefined : await store.resumeAppended(key, kept.archive);
  // A store that has forgotten what was written makes an archive longer to wait for, not impossible.
  const position = resumed === undefined ? exportBeginning : kept;
  const archive = resumed ?? (await store.beginAppended(key));
  try {
    const run = new ExportRun({ ...options, attempt: randomUUID() }, { entity, position, archive, signal });
    await run.begin();
    await run.addRows();
    await run.addFiles();
    await run.addManifest();
    return await archive.complete();
  } finally {
    await archive.close();
  }
}
