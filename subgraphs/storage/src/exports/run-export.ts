import { Readable } from 'node:stream';
import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { FileEntity } from '../files/file.entity.js';
import { keyOf } from '../files/upload.service.js';
import type { AppendedObject, ObjectStore } from '../object-store/object-store.js';
import { writeArchiveEntry } from './archive-member.js';
import { fetchExportPage, type ExportSource } from './export-client.js';
import { archiveKey, exportBeginning, subjectOf, type ExportEntity, type ExportPosition } from './export.entity.js';

const filesAtOnce = 100;

export interface RunExportOptions {
  readonly store: ObjectStore;
  readonly sources: readonly ExportSource[];
  readonly principalSecret: string;
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly lifetimeHours: number;
  readonly now?: () => Date;
}

/**
 * Writes an archive from where it was left: rows of every service, files, and a manifest at the end. The position is kept with
 * every checkpoint of the archive, so that what is done again after a crash is what was written since.
 */
export async function runExport(options: RunExportOptions, entity: ExportEntity, signal: AbortSignal): Promise<void> {
  const { store } = options;
  const key = archiveKey(entity);
  const finished = await store.sizeOf(key);
  if (finished !== undefined) {
    await finish(options, entity.id, finished);
    return;
  }
  const archive = await store.openAppended(key, entity.position.archive);
  try {
    const writing = new ExportRun(options, entity, archive, signal);
    await writing.addRows();
    if (entity.kind === 'tenant') await writing.addFiles(entity.subjectId);
    await writing.addManifest();
    await finish(options, entity.id, await archive.complete());
  } finally {
    await archive.close();
  }
}

class ExportRun {
  #position: ExportPosition;

  constructor(
    private readonly options: RunExportOptions,
    private readonly entity: ExportEntity,
    private readonly archive: AppendedObject,
    private readonly signal: AbortSignal,
  ) {
    this.#position = { ...exportBeginning, ...entity.position };
  }

  async addRows(): Promise<void> {
    const { sources, principalSecret } = this.options;
    for (let source = sources[this.#position.source]; source !== undefined; source = sources[this.#position.source]) {
      this.signal.throwIfAborted();
      const { after, rows, pages } = this.#position;
      const page = await fetchExportPage(source, principalSecret, subjectOf(this.entity), after);
      if (page !== null && page.rows > 0) {
        const name = `${source.name}/${page.table}/${String(pages).padStart(6, '0')}.jsonl`;
        await this.#add(name, page.lines.length, Readable.from([page.lines]));
      }
      const table = page && `${source.name}/${page.table}`;
      await this.#advance({
        ...(table !== null && { rows: { ...rows, [table]: (rows[table] ?? 0) + (page?.rows ?? 0) } }),
        pages: pages + 1,
        after: page?.next ?? null,
        source: this.#position.source + (page === null || page.next === null ? 1 : 0),
      });
    }
  }

  async addFiles(tenantId: string): Promise<void> {
    for (;;) {
      const batch = await this.#nextFiles(tenantId);
      if (batch.length === 0) return;
      for (const file of batch) {
        this.signal.throwIfAborted();
        const isThere = (await this.options.store.sizeOf(keyOf(file))) === file.sizeBytes;
        const { files, missingFiles } = this.#position;
        if (isThere) {
          const content = await this.options.store.openContent(keyOf(file), this.signal);
          await this.#add(`files/${file.id}/${file.name}`, file.sizeBytes, content);
        }
        await this.#advance({
          fileId: file.id,
          files: files + (isThere ? 1 : 0),
          missingFiles: isThere ? missingFiles : [...missingFiles, file.id],
        });
      }
    }
  }

  async addManifest(): Promise<void> {
    const { id, createdAt } = this.entity;
    const { rows, files, missingFiles } = this.#position;
    const manifest = { id, subject: subjectOf(this.entity), createdAt, tables: rows, files, missingFiles };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await this.#add('manifest.json', text.length, Readable.from([text]), true);
  }

  #add(name: string, sizeBytes: number, content: Readable, isLast = false): Promise<void> {
    return writeArchiveEntry({ name, sizeBytes, content, isLast }, (chunk) => this.archive.append(chunk), this.signal);
  }

  async #advance(change: Partial<ExportPosition>): Promise<void> {
    this.#position = { ...this.#position, ...change };
    const archive = await this.archive.checkpoint();
    if (archive === undefined) return;
    this.#position = { ...this.#position, archive };
    const kept = await this.options
      .serviceScope()
      .write((entityManager) =>
        sqlOf(entityManager)('update data_export set position = $2::jsonb where id = $1 returning 1', [
          this.entity.id,
          JSON.stringify(this.#position),
        ]),
      );
    // Whoever is erased meanwhile takes nothing out any more.
    if (kept.length === 0) throw new Error('The export is gone');
  }

  async #nextFiles(tenantId: string): Promise<readonly FileEntity[]> {
    const { fileId } = this.#position;
    const scope = this.options.serviceScope(tenantId);
    const where = { tenantId, status: 'READY' as const, ...(fileId !== null && { id: { $gt: fileId } }) };
    return scope
      .read((entityManager) => entityManager.find(FileEntity, where, { orderBy: { id: 'asc' }, limit: filesAtOnce }))
      .finally(() => scope.close());
  }
}

async function finish(
  { serviceScope, lifetimeHours, now = () => new Date() }: RunExportOptions,
  id: string,
  sizeBytes: number,
): Promise<void> {
  const completedAt = now();
  const expiresAt = new Date(completedAt.getTime() + lifetimeHours * 3_600_000);
  await serviceScope().write((entityManager) =>
    sqlOf(entityManager)(
      'update data_export set completed_at = $2, expires_at = $3, size_bytes = $4 where id = $1 and completed_at is null',
      [id, completedAt, expiresAt, sizeBytes],
    ),
  );
}
