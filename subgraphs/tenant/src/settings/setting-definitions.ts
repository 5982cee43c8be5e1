import { sqlOf } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import type { JsonValue } from '@tessera/service/json';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { assertSize, createDocumentCheck, type DocumentCheck } from './document-check.js';
import { documentSchema, isJsonObject } from './document-schema.js';
import { builtInSettings, type SettingDefinition } from './setting-definition.js';

const keySchema = z.string().regex(/^[a-z][A-Za-z0-9.-]{0,63}$/, 'must be letters, digits, dots and hyphens');
const defineSchema = z.object({
  key: keySchema,
  description: plainTextSchema(500),
  schema: documentSchema.refine(isJsonObject, 'must be an object'),
  defaultValue: documentSchema,
});

/** A list that people look through, and that is read whole. */
const maxDefinitions = 200;

const columns = `key, description, schema, default_value as "defaultValue", version`;

/** The settings that there are: those of the code, and those that the platform's administrators have defined. */
export class SettingDefinitions {
  readonly #serviceScope: () => DataScope;
  readonly #now: () => Date;
  /** By key; compiled anew when the definition has changed. */
  readonly #checks = new Map<string, { readonly version: number; readonly check: DocumentCheck }>();

  constructor(serviceScope: () => DataScope, now: () => Date = () => new Date()) {
    this.#serviceScope = serviceScope;
    this.#now = now;
  }

  /** All, by key. */
  async list(): Promise<readonly SettingDefinition[]> {
    const defined = await this.#read(`select ${columns} from setting_definition`, []);
    return [...builtInSettings, ...defined].sort((one, other) => (one.key < other.key ? -1 : 1));
  }

  /** @throws AppError `NOT_FOUND` for a key that nobody has defined */
  async find(key: string): Promise<SettingDefinition> {
    const builtIn = builtInSettings.find((definition) => definition.key === key);
    const [found] = builtIn
      ? [builtIn]
      : await this.#read(`select ${columns} from setting_definition where key = $1`, [key]);
    if (found === undefined) throw notFound('Setting');
    return found;
  }

  /**
   * Defines a setting, or defines it anew: values that do not fit any more do not count from then on.
   *
   * @throws AppError `BAD_USER_INPUT` for a schema that may not be used or does not fit the default, `CONFLICT` for a key that is
   *   built in
   */
  async define(input: unknown): Promise<SettingDefinition> {
    const { key, description, schema, defaultValue } = parseInput(defineSchema, input);
    if (builtInSettings.some((builtIn) => builtIn.key === key)) {
      throw new AppError('CONFLICT', `Setting ${key} is built in`);
    }
    assertFits(createDocumentCheck(schema), defaultValue);
    return this.#serviceScope().write(async (entityManager) => {
      const query = sqlOf(entityManager);
      await query(`select pg_advisory_xact_lock(hashtextextended('setting_definition', 0))`);
      const others = await query('select 1 from setting_definition where key <> $1', [key]);
      if (others.length >= maxDefinitions) throw new AppError('QUOTA_EXCEEDED', `There are ${maxDefinitions} settings`);
      const [stored] = await query<SettingDefinition>(
        `insert into setting_definition (key, description, schema, default_value, version, updated_at)
         values ($1, $2, $3::jsonb, $4::jsonb, 1, $5)
         on conflict (key) do update set description = excluded.description, schema = excluded.schema,
           default_value = excluded.default_value, version = setting_definition.version + 1, updated_at = excluded.updated_at
         returning ${columns}`,
        [key, description, JSON.stringify(schema), JSON.stringify(defaultValue), this.#now().toISOString()],
      );
      if (stored === undefined) throw new Error('An upsert has returned nothing');
      return stored;
    });
  }

  /** Whether a value is what the definition asks for now. */
  fits(definition: SettingDefinition, value: JsonValue): boolean {
    return this.#checkOf(definition)(value).length === 0;
  }

  /** @throws AppError `BAD_USER_INPUT` with all that is wrong with a value */
  assertFits(definition: SettingDefinition, value: JsonValue): void {
    assertFits(this.#checkOf(definition), value);
  }

  #checkOf({ key, version, schema }: SettingDefinition): DocumentCheck {
    const known = this.#checks.get(key);
    if (known?.version === version) return known.check;
    const check = createDocumentCheck(schema);
    this.#checks.set(key, { version, check });
    return check;
  }

  async #read(sql: string, parameters: readonly unknown[]): Promise<readonly SettingDefinition[]> {
    const scope = this.#serviceScope();
    return scope
      .read((entityManager) => sqlOf(entityManager)<SettingDefinition>(sql, [...parameters]))
      .finally(() => scope.close());
  }
}

function assertFits(check: DocumentCheck, value: JsonValue): void {
  assertSize(value, 'The value');
  const faults = check(value);
  if (faults.length === 0) return;
  throw new AppError('BAD_USER_INPUT', `The value does not fit: ${faults.join('; ')}`, { details: { faults } });
}
