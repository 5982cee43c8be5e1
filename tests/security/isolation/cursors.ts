import { expect, test } from '@jest/globals';
import type { GraphqlResponse } from '../../support/graphql-client.js';
import { mark, type Attacked } from './world.js';

/** How a stranger reads a list of their own, by its coordinate; each answers `list`, and takes a cursor. */
export const pagedLists: Readonly<Record<string, readonly string[]>> = {
  'Query.files': [
    '{ list: files(first: 2, after: $after) {} }',
    '{ list: files(bucket: "files", first: 2, after: $after) {} }',
  ],
  'Query.alerts': ['{ list: alerts(first: 2, after: $after) {} }'],
  'Query.alertRules': ['{ list: alertRules(first: 2, after: $after) {} }'],
  'Query.auditLog': ['{ list: auditLog(first: 2, after: $after) {} }'],
  'Query.accountActivity': ['{ list: accountActivity(first: 2, after: $after) {} }'],
  'Query.apiKeys': ['{ list: apiKeys(first: 2, after: $after) {} }'],
  'Query.machineClients': ['{ list: machineClients(first: 2, after: $after) {} }'],
  'Query.notifications': ['{ list: notifications(first: 2, after: $after) {} }'],
  'Query.users': [
    '{ list: users(first: 2, after: $after) {} }',
    '{ list: users(search: "ad", first: 2, after: $after) {} }',
  ],
  'Query.groups': ['{ list: groups(first: 2, after: $after) {} }'],
  'Query.payments': ['{ list: payments(first: 2, after: $after) {} }'],
  'Group.members': ['{ groups(first: 1) { nodes { list: members(first: 2, after: $after) {} } } }'],
  'Tenant.members': ['{ tenant { list: members(first: 2, after: $after) {} } }'],
  'Tenant.invitations': ['{ tenant { list: invitations(first: 2, after: $after) {} } }'],
};

/** Lists of the platform's, which are refused to everybody in a tenant whatever they send: the matrix shows that. */
export const platformLists: readonly string[] = [
  'Query.accounts',
  'Query.activationBatches',
  'Query.billingDeliveries',
  'Query.fieldUsage',
  'Query.legalHolds',
  'Query.operationManifests',
  'Query.operationUsage',
  'Query.tenants',
];

const all = Object.values(pagedLists).flat();

interface List {
  readonly edges: readonly { readonly cursor: string }[];
  readonly totalCount: number;
}

/** Sends cursors of the tenant's lists, and some that were made of the ids of its things, with lists of the stranger's. */
export function defineCursors({ sendAs, things }: Attacked): void {
  test.each(all)('a stranger sees nothing behind a cursor of the tenant in %s', async (list) => {
    const query = `query ($after: String) ${list.replace('{}', '{ edges { cursor } totalCount }')}`;
    const read = async (after?: string): Promise<GraphqlResponse<unknown>> =>
      sendAs('stranger', { query, variables: { after } });
    const own = await sendAs('admin', { query });
    const cursors = listIn(own.data)?.edges.map(({ cursor }) => cursor) ?? [];
    const built = [things().tenantId, things().fileId].map((id) => Buffer.from(id).toString('base64url'));
    const broken = cursors.map((cursor) => `${cursor.slice(0, -3)}AAA`);
    const strangers = listIn((await read()).data);

    expect(own.code).toBeUndefined();
    for (const cursor of [...cursors, ...built, ...broken]) {
      const { data, code } = await read(cursor);
      const text = JSON.stringify(data ?? null);
      const shown = [mark, ...Object.values(things())].filter((secret) => secret !== '' && text.includes(secret));
      expect([shown, [undefined, 'BAD_USER_INPUT'].includes(code) ? 'answered' : code]).toEqual([[], 'answered']);
      // What comes is the stranger's own, and how many there are of those does not hang on the cursor.
      const found = listIn(data);
      const ownCursors = await cursorsOf(read);
      expect(found?.edges.filter(({ cursor }) => !ownCursors.has(cursor)) ?? []).toEqual([]);
      if (code === undefined) expect(found?.totalCount).toBe(strangers?.totalCount);
    }
  });
}

/** The cursors of a whole list. */
async function cursorsOf(read: (after?: string) => Promise<GraphqlResponse<unknown>>): Promise<ReadonlySet<string>> {
  const cursors = new Set<string>();
  for (let after: string | undefined, more = true; more;) {
    const edges = listIn((await read(after)).data)?.edges ?? [];
    for (const { cursor } of edges) cursors.add(cursor);
    after = edges.at(-1)?.cursor;
    more = edges.length === 2;
  }
  return cursors;
}

/** The list in an answer, however deep. */
function listIn(data: unknown): List | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  if ('list' in data) return data.list as List;
  return Object.values(data).map(listIn).find(Boolean);
}
