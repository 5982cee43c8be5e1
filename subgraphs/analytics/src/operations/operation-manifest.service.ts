import { findPage, isId, newId, sqlOf, type Page, type PageArguments } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import {
  maxRegisteredCharacters,
  maxRegisteredOperations,
  type PublishedManifestIndex,
} from '@tessera/service/operations';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { endActive, insertOperations, lockManifests, measureRegistry, readOperations } from './manifest-store.js';
import { clientVersionSchema, digestOf, publishManifestSchema, readManifest } from './operation-manifest-input.js';
import { OperationManifestEntity } from './operation-manifest.entity.js';

export interface OperationManifestServiceOptions {
  /** The database as the service itself sees it; a new one for each use. */
  readonly serviceScope: () => DataScope;
  /** Tells all gateways, after the commit, that there is something to ask for. */
  readonly announce: () => Promise<void>;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/** Versions of one client that are in use at a time; whoever needs more has some that nobody uses. */
const maxVersions = 200;
const maxManifests = 2_000;

/** What released clients were built with. */
export class OperationManifestService {
  readonly #options: OperationManifestServiceOptions;
  readonly #now: () => Date;

  constructor(options: OperationManifestServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Publishes a manifest for one version of a client, in the place of what was published for it before. The same again
   * changes nothing, so a build may be repeated.
   */
  async publish({ principal }: Caller, input: unknown): Promise<OperationManifestEntity> {
    const { userId } = requireSuperAdmin(principal);
    const { manifest: content, clientName, clientVersion } = parseInput(publishManifestSchema, input);
    const manifest = await readManifest(content, clientName);
    const sha256 = digestOf(manifest);
    const publishedAt = this.#now();
    const published = await this.#options.serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await lockManifests(query);
      const version = { clientName, clientVersion };
      const [last] = await entityManager.find(OperationManifestEntity, version, {
        orderBy: { revision: 'desc' },
        limit: 1,
      });
      if (last?.state === 'ACTIVE' && last.sha256 === sha256) return last;
      await endActive(query, version, { state: 'REPLACED', endedAt: publishedAt });
      const created = Object.assign(new OperationManifestEntity(), {
        ...version,
        id: newId(),
        revision: (last?.revision ?? 0) + 1,
        state: 'ACTIVE' as const,
        format: manifest.format,
        sha256,
        operationCount: manifest.operations.length,
        publishedBy: userId,
        publishedAt,
      });
      entityManager.persist(created);
      await entityManager.flush();
      await insertOperations(query, created.id, manifest);
      assertFits(await measureRegistry(query, clientName));
      return created;
    });
    await this.#announce();
    return published;
  }

  /** Takes a version out of use: what only it may do is refused from then on. */
  async withdraw({ principal }: Caller, input: unknown): Promise<OperationManifestEntity> {
    requireSuperAdmin(principal);
    const version = parseInput(clientVersionSchema, input);
    const withdrawn = await this.#options.serviceScope().write(async (entityManager) => {
      await lockManifests(sqlOf(entityManager));
      const active = await entityManager.findOne(OperationManifestEntity, { ...version, state: 'ACTIVE' });
      if (active === null) throw notFound('Operation manifest in use');
      active.state = 'WITHDRAWN';
      active.endedAt = this.#now();
      await entityManager.flush();
      return active;
    });
    await this.#announce();
    return withdrawn;
  }

  async find({ principal }: Caller, id: string): Promise<OperationManifestEntity> {
    requireSuperAdmin(principal);
    const found = isId(id)
      ? await this.#read((scope) => scope.read((em) => em.findOne(OperationManifestEntity, { id })))
      : null;
    if (found === null) throw notFound('Operation manifest');
    return found;
  }

  /** The history: of one client, or of all, the newest first. */
  async list(
    { principal }: Caller,
    filter: { readonly clientName?: string | undefined; readonly clientVersion?: string | undefined },
    page: PageArguments,
  ): Promise<Page<OperationManifestEntity>> {
    requireSuperAdmin(principal);
    const where = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    const reader = {
      read: <T>(work: Parameters<typeof DataScope.prototype.read<T>>[0]): Promise<T> =>
        this.#read((scope) => scope.read(work)),
    };
    return findPage(reader, OperationManifestEntity, where, page, 'desc');
  }

  /** What gateways are to know of: the manifests in use, the oldest first. */
  async index(): Promise<PublishedManifestIndex> {
    const manifests = await this.#read((scope) =>
      scope.read((entityManager) =>
        entityManager.find(OperationManifestEntity, { state: 'ACTIVE' }, { orderBy: { id: 'asc' } }),
      ),
    );
    return { manifests: manifests.map(({ id, clientName, clientVersion }) => ({ id, clientName, clientVersion })) };
  }

  /** One manifest as gateways take it: id -> text. */
  async content(id: string): Promise<Readonly<Record<string, string>>> {
    const rows = isId(id) ? await this.#read((scope) => scope.read((em) => readOperations(sqlOf(em), [id]))) : [];
    if (rows.length === 0) throw notFound('Operation manifest');
    return Object.fromEntries(rows.map(({ operation_id, body }) => [operation_id, body]));
  }

  async #read<T>(work: (scope: DataScope) => Promise<T>): Promise<T> {
    const scope = this.#options.serviceScope();
    try {
      return await work(scope);
    } finally {
      scope.close();
    }
  }

  /** Gateways ask by themselves after a while, too: what is published is not lost with its announcement. */
  async #announce(): Promise<void> {
    await this.#options.announce().catch((error: unknown) => {
      this.#options.logger.warn(
        { err: error },
        'a change of manifests was not announced; gateways see it a little later',
      );
    });
  }
}

function assertFits({
  manifests,
  versions,
  operations,
  characters,
}: Awaited<ReturnType<typeof measureRegistry>>): void {
  const refuse = (what: string): never => {
    throw new AppError('QUOTA_EXCEEDED', `Manifests in use are limited to ${what}: withdraw versions that nobody uses`);
  };
  if (versions > maxVersions) refuse(`${maxVersions} versions of one client`);
  if (manifests > maxManifests) refuse(`${maxManifests} in all`);
  if (operations > maxRegisteredOperations) refuse(`${maxRegisteredOperations} different operations in all`);
  if (characters > maxRegisteredCharacters) refuse(`${maxRegisteredCharacters} characters of text in all`);
}
