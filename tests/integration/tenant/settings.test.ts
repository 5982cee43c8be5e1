import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@tessera/service/json';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, codeWhenLetIn, invitationSecret, platformAdmin } from './organisation.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(() => harness.stop());

const get = 'query ($key: ID!) { setting(key: $key) { value isDefault version } }';
const set = 'mutation ($input: SetSettingInput!) { setSetting(input: $input) { value isDefault version } }';
const reset = 'mutation ($input: ResetSettingInput!) { resetSetting(input: $input) { value isDefault version } }';
const define = 'mutation ($input: DefineSettingInput!) { defineSetting(input: $input) { key version } }';

/** A setting that takes integers up to a limit. */
async function aSetting(maximum = 10): Promise<string> {
  const key = `limit.${randomUUID()}`;
  await defineAgain(key, maximum);
  return key;
}

const defineAgain = (key: string, maximum: number) =>
  harness.request(platformAdmin, define, {
    input: { key, description: 'A limit', schema: { type: ['integer', 'null'], maximum }, defaultValue: 1 },
  });

describe('a setting', () => {
  test('has its default until the tenant sets it, and again when it is reset', async () => {
    const { admin } = await anOrganisation(harness);
    const key = await aSetting();
    const states: unknown[] = [(await harness.request(admin, get, { key })).data.setting];

    states.push((await harness.request(admin, set, { input: { key, value: 7, expectedVersion: 0 } })).data.setSetting);
    states.push((await harness.request(admin, set, { input: { key, value: null } })).data.setSetting);
    states.push((await harness.request(admin, get, { key })).data.setting);
    states.push((await harness.request(admin, reset, { input: { key, expectedVersion: 2 } })).data.resetSetting);
    states.push((await harness.request(admin, get, { key })).data.setting);

    expect(states).toEqual([
      { value: 1, isDefault: true, version: 0 },
      { value: 7, isDefault: false, version: 1 },
      { value: null, isDefault: false, version: 2 },
      { value: null, isDefault: false, version: 2 },
      { value: 1, isDefault: true, version: 3 },
      { value: 1, isDefault: true, version: 3 },
    ]);
  });

  test('is listed with what it is, beside those that are built in', async () => {
    const { admin } = await anOrganisation(harness);
    const key = await aSetting();

    const { data } = await harness.request(admin, '{ settings { key description schema value } }');

    expect(data.settings).toContainEqual({
      key,
      description: 'A limit',
      schema: { type: ['integer', 'null'], maximum: 10 },
      value: 1,
    });
    expect(data.settings).toContainEqual(
      expect.objectContaining({ key: 'region', value: { locale: 'en', timeZone: 'UTC' } }),
    );
  });

  test('of many changes at once that expect one version takes one, the first one too', async () => {
    const { admin } = await anOrganisation(harness);
    const another = await harness.startAnother();
    const key = await aSetting(1_000);
    const race = (expectedVersion: number) =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          codeWhenLetIn(() =>
            (index % 2 === 0 ? harness : another).request(admin, set, {
              input: { key, value: index, expectedVersion },
            }),
          ),
        ),
      );

    const races = [await race(0), await race(1)];

    for (const codes of races) {
      expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
      expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(19);
    }
    const { data } = await harness.request(admin, get, { key });
    expect(data.setting.version).toBe(2);
  }, 120_000);

  test('that is defined anew forgets values that fit no more, and not what they were', async () => {
    const { admin } = await anOrganisation(harness);
    const key = await aSetting(10);
    await harness.request(admin, set, { input: { key, value: 9 } });

    await defineAgain(key, 5);
    const narrow = await harness.request(admin, get, { key });
    await defineAgain(key, 10);
    const wide = await harness.request(admin, get, { key });

    expect(narrow.data.setting).toEqual({ value: 1, isDefault: true, version: 1 });
    expect(wide.data.setting).toEqual({ value: 9, isDefault: false, version: 1 });
  });

  test('is the tenant’s own, for its administrators to change', async () => {
    const [one, other] = [await anOrganisation(harness), await anOrganisation(harness)];
    const key = await aSetting();
    await harness.request(one.admin, set, { input: { key, value: 7 } });
    const member = aUser({ tenantId: one.tenantId });
    const sql = 'select value from tenant_setting';

    expect((await harness.request(member, get, { key })).data.setting.value).toBe(7);
    expect((await harness.request(other.admin, get, { key })).data.setting.value).toBe(1);
    expect(codeOf(await harness.request(member, set, { input: { key, value: 8 } }))).toBe('FORBIDDEN');
    expect(await queryAs(harness.databaseUrl, { tenantId: other.tenantId }, sql)).toEqual([]);
    expect(await queryAs(harness.databaseUrl, {}, sql)).toEqual([]);
    expect(await queryAs(harness.databaseUrl, { tenantId: one.tenantId }, sql)).toEqual([{ value: 7 }]);
  });

  const deep = (depth: number): JsonValue => (depth === 0 ? 1 : [deep(depth - 1)]);
  test.each([
    ['that does not fit', 'region', { locale: 'en' }, 'BAD_USER_INPUT'],
    ['of more than is asked for', 'region', { locale: 'en', timeZone: 'UTC', more: 1 }, 'BAD_USER_INPUT'],
    ['that is too large', 'branding', { logoUrl: 'x'.repeat(20_000) }, 'BAD_USER_INPUT'],
    ['that is nested deep', 'branding', deep(500), 'BAD_USER_INPUT'],
    ['of nothing that there is', 'no.such.key', 1, 'NOT_FOUND'],
  ])('is not set to a value %s', async (_what, key, value, code) => {
    const { admin } = await anOrganisation(harness);

    expect(codeOf(await harness.request(admin, set, { input: { key, value } }))).toBe(code);
  });
});

describe('defining a setting', () => {
  const definition = { key: 'a.key', description: 'Something', schema: { type: 'integer' }, defaultValue: 1 };

  test.each([
    ['whose default does not fit', { defaultValue: 'one' }, 'BAD_USER_INPUT'],
    ['whose schema leads elsewhere', { schema: { $ref: 'http://169.254.169.254/' } }, 'BAD_USER_INPUT'],
    ['whose schema is none', { schema: [] }, 'BAD_USER_INPUT'],
    ['whose key is none', { key: 'a key' }, 'BAD_USER_INPUT'],
    ['that is built in', { key: 'branding' }, 'CONFLICT'],
  ])('%s is refused', async (_what, change, code) => {
    expect(codeOf(await harness.request(platformAdmin, define, { input: { ...definition, ...change } }))).toBe(code);
  });

  test('is the platform’s business', async () => {
    const { admin } = await anOrganisation(harness);

    expect(codeOf(await harness.request(admin, define, { input: definition }))).toBe('FORBIDDEN');
  });
});
