import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type RunSql } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requirePermission, requireSuperAdmin, requireTenant } from '@tessera/service/identity';
import type { JsonValue } from '@tessera/service/json';
import type { Caller } from '@tessera/service/tenancy';
import { z } from 'zod';
import { documentSchema } from './document-schema.js';
import type { SettingDefinition } from './setting-definition.js';
import type { SettingDefinitions } from './setting-definitions.js';

const expectedVersionSchema = z.number().int().min(0).nullish();
const setSchema = z.object({ key: z.string(), value: documentSchema, expectedVersion: expectedVersionSchema });
const resetSchema = z.object({ key: z.string(), expectedVersion: expectedVersionSchema });

/** A setting as it holds for the active tenant. */
export interface Setting {
  readonly definition: SettingDefinition;
  readonly value: JsonValue;
  /** Whether it is the default: the tenant has set none, or one that does not fit the definition of today. */
  readonly isDefault: boolean;
  /** How often the tenant has changed it. */
  readonly version: number;
}

interface StoredSetting {
  readonly key: string;
  /** In an object, so that a stored `null` is told from none. */
  readonly stored: { readonly value: JsonValue } | null;
  readonly version: number;
}

interface Change {
  readonly key: string;
  readonly value: { readonly value: JsonValue } | null;
  readonly expectedVersion: number | null | undefined;
}

/** The active tenant's settings. */
export class SettingService {
  constructor(
    readonly definitions: SettingDefinitions,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** All settings that there are, by key, as they hold for the active tenant. */
  async list({ principal, scope }: Caller): Promise<readonly Setting[]> {
    const { tenantId } = requireTenant(principal);
    const definitions = await this.definitions.list();
    const stored = await scope.read((entityManager) => readStored(sqlOf(entityManager), tenantId));
    return definitions.map((definition) => this.#toSetting(definition, stored.get(definition.key)));
  }

  /** @throws AppError `NOT_FOUND` for a key that nobody has defined */
  async find({ principal, scope }: Caller, key: string): Promise<Setting> {
    const { tenantId } = requireTenant(principal);
    const definition = await this.definitions.find(key);
    const stored = await scope.read((entityManager) => readStored(sqlOf(entityManager), tenantId, key));
    return this.#toSetting(definition, stored.get(key));
  }

  /** The value that holds for a tenant, for jobs. @throws AppError as {@link find} */
  async valueFor(query: RunSql, tenantId: string, key: string): Promise<JsonValue> {
    const definition = await this.definitions.find(key);
    return this.#toSetting(definition, (await readStored(query, tenantId, key)).get(key)).value;
  }

  /**
   * Sets a value.
   *
   * @throws AppError `BAD_USER_INPUT` for one that does not fit, `CONFLICT` where the version is not the expected one any more
   */
  async set(caller: Caller & AuditedCaller, input: unknown): Promise<Setting> {
    requirePermission(caller.principal, 'tenant:manage');
    const { key, value, expectedVersion } = parseInput(setSchema, input);
    const definition = await this.definitions.find(key);
    this.definitions.assertFits(definition, value);
    return this.#change(caller, definition, { key, value: { value }, expectedVersion });
  }

  /** Goes back to the default. @throws AppError `CONFLICT` as {@link set} */
  async reset(caller: Caller & AuditedCaller, input: unknown): Promise<Setting> {
    requirePermission(caller.principal, 'tenant:manage');
    const { key, expectedVersion } = parseInput(resetSchema, input);
    return this.#change(caller, await this.definitions.find(key), { key, value: null, expectedVersion });
  }

  /** Defines a setting for all tenants. @throws AppError `FORBIDDEN` for who does not run the platform */
  async define(caller: AuditedCaller, input: unknown): Promise<SettingDefinition> {
    requireSuperAdmin(caller.principal);
    return this.definitions.define(input);
  }

  async #change(caller: Caller & AuditedCaller, definition: SettingDefinition, change: Change): Promise<Setting> {
    const { tenantId, userId } = requireTenant(caller.principal);
    const { key } = definition;
    return caller.scope.write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const version = await writeStored(query, tenantId, userId, change, this.now());
      const setting = this.#toSetting(definition, { key, stored: change.value, version });
      const { value, isDefault } = setting;
      await appendToOutbox(query, [
        createDomainEvent(
          { type: 'tenant.settingChanged', tenantId, payload: { key, version, value, isDefault } },
          this.now,
        ),
        auditEvent(caller, { action: 'setting.changed', targetType: 'Setting', targetId: key, details: { version } }),
      ]);
      return setting;
    });
  }

  #toSetting(definition: SettingDefinition, found: StoredSetting | undefined): Setting {
    const { stored, version } = found ?? { stored: null, version: 0 };
    const isDefault = stored === null || !this.definitions.fits(definition, stored.value);
    return { definition, value: isDefault ? definition.defaultValue : stored.value, isDefault, version };
  }
}

async function readStored(query: RunSql, tenantId: string, key?: string): Promise<ReadonlyMap<string, StoredSetting>> {
  const rows = await query<StoredSetting>(
    `select key, version, case when value is not null then jsonb_build_object('value', value) end as stored
     from tenant_setting where tenant_id = $1 and ($2::text is null or key = $2)`,
    [tenantId, key ?? null],
  );
  return new Map(rows.map((row) => [row.key, row]));
}

/** @returns the new version @throws AppError `CONFLICT` */
async function writeStored(
  query: RunSql,
  tenantId: string,
  userId: string | undefined,
  { key, value, expectedVersion = null }: Change,
  now: Date,
): Promise<number> {
  // Of several who expect the same version one finds it: the row is locked by the first, and the others look again.
  const [written] = await query<{ readonly version: number }>(
    `with changed as (
       update tenant_setting set value = $3::jsonb, version = version + 1, updated_at = $4, updated_by = $5
       where tenant_id = $1 and key = $2 and ($6::int is null or version = $6)
       returning version
     ), added as (
       insert into tenant_setting (tenant_id, key, value, version, updated_at, updated_by)
       select $1, $2, $3::jsonb, 1, $4, $5 where coalesce($6::int, 0) = 0 and not exists (select 1 from changed)
       on conflict (tenant_id, key) do update
         set value = excluded.value, version = tenant_setting.version + 1, updated_at = excluded.updated_at,
           updated_by = excluded.updated_by
         where $6::int is null
       returning version
     )
     select version from changed union all select version from added`,
    [tenantId, key, value === null ? null : JSON.stringify(value.value), now.toISOString(), userId, expectedVersion],
  );
  if (written !== undefined) return written.version;
  throw new AppError('CONFLICT', `Setting ${key} was changed meanwhile: read it again`);
}
