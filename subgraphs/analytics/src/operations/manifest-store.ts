import type { RunSql } from '@tessera/service/database';
import type { OperationManifest } from '@tessera/service/operations';
import type { OperationManifestEntity } from './operation-manifest.entity.js';

/** One operation of a manifest. */
export interface ManifestOperationRow {
  readonly manifest_id: string;
  readonly operation_id: string;
  readonly name: string | null;
  readonly body: string;
}

/** What all manifests in use come to, as gateways hold it in memory. */
export interface RegistrySize {
  readonly manifests: number;
  readonly versions: number;
  readonly operations: number;
  readonly characters: number;
}

/** Lets one publication follow the other; ends with the transaction. */
export async function lockManifests(query: RunSql): Promise<void> {
  await query(`select pg_advisory_xact_lock(hashtext('operation_manifest'))`);
}

/** Ends the manifest that is in use for a client's version, if there is one. */
export async function endActive(
  query: RunSql,
  { clientName, clientVersion }: Pick<OperationManifestEntity, 'clientName' | 'clientVersion'>,
  { state, endedAt }: { readonly state: 'REPLACED' | 'WITHDRAWN'; readonly endedAt: Date },
): Promise<void> {
  await query(
    `update operation_manifest set state = $3, ended_at = $4
     where client_name = $1 and client_version = $2 and state = 'ACTIVE'`,
    [clientName, clientVersion, state, endedAt],
  );
}

/** Adds a manifest's operations; texts that are known are not stored again. */
export async function insertOperations(
  query: RunSql,
  manifestId: string,
  { operations }: OperationManifest,
): Promise<void> {
  await query(
    `insert into operation_document (hash, body)
     select distinct on (given.hash) given.hash, given.body from unnest($1::text[], $2::text[]) as given (hash, body)
     order by given.hash
     on conflict do nothing`,
    [operations.map(({ hash }) => hash), operations.map(({ body }) => body)],
  );
  await query(
    `insert into manifest_operation (manifest_id, operation_id, name, hash)
     select $1, given.id, given.name, given.hash
     from unnest($2::text[], $3::text[], $4::text[]) as given (id, name, hash)`,
    [
      manifestId,
      operations.map(({ id }) => id),
      operations.map(({ name }) => name ?? null),
      operations.map(({ hash }) => hash),
    ],
  );
}

/** Counts what is in use, and how many versions of one client are. */
export async function measureRegistry(query: RunSql, clientName: string): Promise<RegistrySize> {
  const [size] = await query<RegistrySize>(
    `with active as (select id, client_name from operation_manifest where state = 'ACTIVE'),
     listed as (
       select distinct active.client_name, manifest_operation.operation_id, manifest_operation.hash
       from active join manifest_operation on manifest_operation.manifest_id = active.id
     )
     select (select count(*)::integer from active) as manifests,
            (select count(*)::integer from active where client_name = $1) as versions,
            count(*)::integer as operations,
            coalesce(sum(length(operation_document.body)), 0)::float8 as characters
     from listed join operation_document using (hash)`,
    [clientName],
  );
  return size ?? { manifests: 0, versions: 0, operations: 0, characters: 0 };
}

/** Reads the operations of several manifests, in the order of their names. */
export async function readOperations(
  query: RunSql,
  manifestIds: readonly string[],
): Promise<readonly ManifestOperationRow[]> {
  return query<ManifestOperationRow>(
    `select manifest_operation.manifest_id, manifest_operation.operation_id, manifest_operation.name,
            operation_document.body
     from manifest_operation join operation_document using (hash)
     where manifest_operation.manifest_id = any($1::uuid[])
     order by manifest_operation.name, manifest_operation.operation_id`,
    [[...manifestIds]],
  );
}
