import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { ask, send } from '../support/graphql-client.js';
import { eventually } from '../support/eventually.js';
import { foundTeam, type PlatformUnderTest, type Team } from './people.js';
import { upload } from './uploads.js';

/** What a tenant has that another tenant asks for. */
interface Possessions {
  readonly fileId: string;
  readonly ruleId: string;
  readonly alertId: string;
}

/** Two tenants on one platform: neither sees anything of the other. */
export function defineIsolation(platform: () => PlatformUnderTest): void {
  let origin: string;
  let owner: Team;
  let stranger: Team;
  let possessions: Possessions;
  beforeAll(async () => {
    origin = platform().origin;
    [owner, stranger] = await Promise.all([foundTeam(platform(), 'Owner Ltd'), foundTeam(platform(), 'Stranger Ltd')]);
    possessions = await acquire(origin, owner);
  }, 60_000);

  const asStranger = (query: string, variables: object = {}) =>
    send(origin, { query, variables, token: stranger.admin.accessToken });

  test.each([
    ['the file', 'query ($id: ID!) { file(id: $id) { id } }', 'fileId'],
    ['the alert', 'query ($id: ID!) { alert(id: $id) { id } }', 'alertId'],
    ['the alert rule', 'query ($id: ID!) { alertRule(id: $id) { id } }', 'ruleId'],
  ] as const)('another tenant asking for %s by id gets NOT_FOUND', async (_what, query, thing) => {
    const id = possessions[thing];
    const owned = await ask(origin, { query, variables: { id }, token: owner.member.accessToken });
    expect(Object.values(owned)).toEqual([{ id }]);

    const answer = await asStranger(query, { id });

    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['NOT_FOUND']);
    expect(Object.values(answer.data ?? {})).toEqual([null]);
    expect(JSON.stringify(answer.errors)).not.toMatch(/tenant|forbidden|permission/i);
  });

  test.each([
    ['complete the file', 'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }', 'fileId'],
    ['rename the file', 'mutation ($id: ID!) { updateFile(input: { id: $id, name: "theirs" }) { id } }', 'fileId'],
    ['delete the file', 'mutation ($id: ID!) { deleteFile(id: $id) { id } }', 'fileId'],
    ['delete the alert rule', 'mutation ($id: ID!) { deleteAlertRule(id: $id) { id } }', 'ruleId'],
    [
      'change the alert rule',
      'mutation ($id: ID!) { updateAlertRule(input: { id: $id, threshold: 9 }) { id } }',
      'ruleId',
    ],
  ] as const)('another tenant trying to %s gets NOT_FOUND', async (_what, query, thing) => {
    expect((await asStranger(query, { id: possessions[thing] })).code).toBe('NOT_FOUND');
  });

  test('another tenant asking for the tenant, and for its members through it, gets NOT_FOUND', async () => {
    const query = 'query ($id: ID!) { tenant(id: $id) { name members { nodes { user { displayName } } } } }';

    const answer = await asStranger(query, { id: owner.tenantId });

    expect(answer).toMatchObject({ data: { tenant: null }, code: 'NOT_FOUND' });
    const entering = 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }';
    expect((await asStranger(entering, { id: owner.tenantId })).code).toBe('NOT_FOUND');
  });

  test('lists, numbers and people of another tenant are its own alone', async () => {
    const range = {
      from: new Date(Date.now() - 3_600_000).toISOString(),
      to: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const query = `query ($metrics: MetricsQuery!) {
      files { totalCount } alerts { totalCount } alertRules { totalCount } users { nodes { id } }
      metrics(query: $metrics) { rows { measures { value } } }
      tenant { id storageUsage { bytes files } }
    }`;

    const { data, errors } = await asStranger(query, { metrics: { measures: [{ kind: 'COUNT' }], range } });

    expect(errors).toBeUndefined();
    expect(data).toMatchObject({
      files: { totalCount: 0 },
      alerts: { totalCount: 0 },
      alertRules: { totalCount: 0 },
      tenant: { id: stranger.tenantId, storageUsage: { bytes: 0, files: 0 } },
    });
    const counted: unknown[] = data.metrics.rows.map(
      (row: { measures: { value: number }[] }) => row.measures[0]?.value,
    );
    expect(counted.filter((value) => value !== 0)).toEqual([]);
    const people = data.users.nodes.map(({ id }: { id: string }) => id);
    expect(new Set(people)).toEqual(new Set([stranger.admin.id, stranger.member.id]));
  });
}

/** A file, a rule, and an alert that the rule raised. */
async function acquire(origin: string, { admin }: Team): Promise<Possessions> {
  const token = admin.accessToken;
  const file = await upload(origin, token, 'secret.bin', 'application/octet-stream', randomBytes(1_000));
  const { createAlertRule } = await ask(origin, {
    query: 'mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }',
    variables: {
      input: {
        name: 'Secret rule',
        measure: 'EVENT_COUNT',
        eventName: 'secret.happened',
        operator: 'GREATER_THAN',
        threshold: 0,
      },
    },
    token,
  });
  await ask(origin, {
    query: 'mutation ($input: TrackInput!) { track(input: $input) { accepted } }',
    variables: { input: { events: [{ name: 'secret.happened' }] } },
    token,
  });
  let alertId = '';
  await eventually(async () => {
    const { alerts } = await ask(origin, { query: '{ alerts { nodes { id } } }', token });
    alertId = alerts.nodes[0]?.id ?? '';
    return alertId !== '';
  });
  return { fileId: file.id, ruleId: createAlertRule.id, alertId };
}
