import { Readable } from 'node:stream';
import type { FileEntity } from '../files/file.entity.js';
import { keyOf } from '../files/upload.service.js';
import type { AppendedObject, ObjectStore } from '../object-store/object-store.js';
import { writeArchiveEntry } from './archive-member.js';
import { fetchExportPage } from './export-client.js';
import { findNextFiles } from './export-files.js';
import type { AnnounceExport } from './export-news.js';
import { countTotals, type CountTotalsOptions } from './export-totals.js';
import { subjectOf, type ExportEntity, type ExportPosition } from './export.entity.js';

export interface ExportRunOptions extends CountTotalsOptions {
  readonly store: ObjectStore;
  readonly announce: AnnounceExport;
  /** A name that no other run has. */
  readonly attempt: string;
}

export interface ExportWork {
  readonly entity: ExportEntity;
  /** Where it goes on. */
  readonly position: ExportPosition;
  readonly archive: AppendedObject;
  readonly signal: AbortSignal;
}

/** One attempt at an archive; its steps are called in their order. */
export class ExportRun {
  readonly #options: ExportRunOptions;
  readonly #work: ExportWork;
  #position: ExportPosition;

  constructor(options: ExportRunOptions, work: ExportWork) {
    this.#options = options;
    this.#work = work;
    this.#position = work.position;
  }

  /** From here on whoever was at it before keeps nothing any more. */
  async begin(): Promise<void> {
    const { attempt } = this.#options;
    const { id } = this.#work.entity;
    const totals = this.#position.totals ?? (await countTotals(this.#options, subjectOf(this.#work.entity)));
    const stage = this.#position.stage === 'COUNTING' ? 'ROWS' : this.#position.stage;
    this.#position = { ...this.#position, attempt, totals, stage, shown: undefined };
    await this.#keep(
      `update data_export set position = $2::jsonb
       where id = $1 and completed_at is null and failure is null returning 1`,
      [id],
    );
  }

  async addRows(): Promise<void> {
    const { sources, principalSecret } = this.#options;
    const { entity, signal } = this.#work;
    for (let source = sources[this.#position.source]; source !== undefined; source = sources[this.#position.source]) {
      signal.throwIfAborted();
      const { after, rows, pages } = this.#position;
      const page = await fetchExportPage(source, principalSecret, subjectOf(entity), after);
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

  /** Those of a tenant; a person's belong to the tenants that they are in. */
  async addFiles(): Promise<void> {
    const { kind, subjectId } = this.#work.entity;
    if (kind === 'person') return;
    await this.#enter('FILES');
    for (;;) {
      const batch = await findNextFiles(this.#options.serviceScope(subjectId), subjectId, this.#position.fileId);
      if (batch.length === 0) return;
      for (const file of batch) await this.#addFile(file);
    }
  }

  async addManifest(): Promise<void> {
    await this.#enter('FINISHING');
    const { id, createdAt } = this.#work.entity;
    const { rows, files, fileBytes, missingFiles } = this.#position;
    const subject = subjectOf(this.#work.entity);
    const manifest = { id, subject, createdAt, tables: rows, files, fileBytes, missingFiles };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    await this.#add('manifest.json', text.length, Readable.from([text]), true);
    await this.#assertOwn();
  }

  async #addFile(file: FileEntity): Promise<void> {
    const { signal } = this.#work;
    const { store } = this.#options;
    signal.throwIfAborted();
    const isThere = (await store.sizeOf(keyOf(file))) === file.sizeBytes;
    const { files, fileBytes, missingFiles } = this.#position;
    if (isThere) {
      const content = await store.openContent(keyOf(file), signal);
      await this.#add(`files/${file.id}/${file.name}`, file.sizeBytes, content);
    }
    await this.#advance({
      fileId: file.id,
      files: files + (isThere ? 1 : 0),
      fileBytes: fileBytes + (isThere ? file.sizeBytes : 0),
      missingFiles: isThere ? missingFiles : [...missingFiles, file.id],
    });
  }

  #add(name: string, sizeBytes: number, content: Readable, isLast = false): Promise<void> {
    const { archive, signal } = this.#work;
    return writeArchiveEntry({ name, sizeBytes, content, isLast }, (chunk) => archive.append(chunk), signal);
  }

  async #enter(stage: ExportPosition['stage']): Promise<void> {
    if (this.#position.stage !== stage) await this.#advance({ stage });
  }

  async #advance(change: Partial<ExportPosition>): Promise<void> {
    this.#position = { ...this.#position, ...change };
    const archive = await this.#work.archive.checkpoint();
    if (archive === undefined) {
      await this.#show();
      return;
    }
    this.#position = { ...this.#position, archive };
    await this.#keep(
      `update data_export set position = $2::jsonb, moved_at = now()
       where id = $1 and position ->> 'attempt' = $3 returning 1`,
      [this.#work.entity.id, this.#options.attempt],
    );
  }

  /** How far it is, though after a crash it goes on from before that. */
  async #show(): Promise<void> {
    const { stage, rows, files, fileBytes } = this.#position;
    const { serviceScope, announce, attempt } = this.#options;
    const { id } = this.#work.entity;
    const shown = await serviceScope().runAlone(
      `update data_export set position = position || jsonb_build_object('shown', $2::jsonb)
       where id = $1 and position ->> 'attempt' = $3 returning 1`,
      [id, JSON.stringify({ stage, rows, files, fileBytes }), attempt],
    );
    if (shown.length === 0) throw notOwn();
    announce(id);
  }

  /** Nobody completes what somebody else goes on with. */
  async #assertOwn(): Promise<void> {
    const { serviceScope, attempt } = this.#options;
    const statement = `select 1 from data_export where id = $1 and position ->> 'attempt' = $2`;
    const found = await serviceScope().runAlone(statement, [this.#work.entity.id, attempt]);
    if (found.length === 0) throw notOwn();
  }

  async #keep(statement: string, [id, ...parameters]: readonly string[]): Promise<void> {
    const { serviceScope, announce } = this.#options;
    const kept = await serviceScope().runAlone(statement, [id, JSON.stringify(this.#position), ...parameters]);
    if (kept.length === 0) throw notOwn();
    announce(id ?? '');
  }
}

/** Whoever is erased meanwhile takes nothing out any more. */
function notOwn(): Error {
  return new Error('The export is gone, or somebody else goes on with it');
}
