import { randomUUID } from 'node:crypto';
import { byAdmins, byMembers, byPlatform, ofActiveTenant, ofActiveTenantByAdmins } from './field-case.js';
import type { FieldCase } from './field-case.js';

const rule = 'id name measure eventName operator threshold windowSeconds forSeconds enabled createdAt updatedAt';
const alert = 'id status value threshold startedAt endedAt rule { id name } tenant { id name }';
const page = 'pageInfo { hasNextPage } totalCount';
const manifest = `id clientName clientVersion revision state format sha256 operationCount publishedBy { id } publishedAt
  endedAt operations { id name body }`;
const usage = 'clientName clientVersion operationId operationName isListed uses lastUsedAt';

const hourMs = 3_600_000;
const range = (): object => ({
  from: new Date(Date.now() - hourMs).toISOString(),
  to: new Date(Date.now() + hourMs).toISOString(),
});

const queries: Readonly<Record<string, FieldCase>> = {
  'Query.alertRule': {
    kind: 'query',
    operation: `query ($id: ID!) { alertRule(id: $id) { ${rule} } }`,
    variables: ({ ruleId }) => ({ id: ruleId }),
    verdicts: byMembers,
  },
  'Query.alertRules': {
    kind: 'query',
    operation: `{ alertRules(first: 5) { nodes { ${rule} } edges { cursor node { id } } ${page} } }`,
    verdicts: ofActiveTenant,
  },
  'Query.alert': {
    kind: 'query',
    operation: `query ($id: ID!) { alert(id: $id) { ${alert} } }`,
    variables: ({ alertId }) => ({ id: alertId }),
    verdicts: byMembers,
  },
  'Query.alerts': {
    kind: 'query',
    operation: `{ alerts(first: 5) { nodes { ${alert} } edges { cursor node { id } } ${page} } }`,
    verdicts: ofActiveTenant,
  },
  'Query.metrics': {
    kind: 'query',
    operation: `query ($query: MetricsQuery!) { metrics(query: $query) {
      rows { at dimensions { name value } measures { name value } } truncated
    } }`,
    variables: () => ({ query: { measures: [{ kind: 'COUNT' }], dimensions: ['name'], range: range() } }),
    verdicts: ofActiveTenant,
  },
  'Query.operationManifest': {
    kind: 'query',
    operation: `query ($id: ID!) { operationManifest(id: $id) { ${manifest} } }`,
    variables: () => ({ id: randomUUID() }),
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Query.operationManifests': {
    kind: 'query',
    operation: `{ operationManifests(first: 5) { nodes { ${manifest} } edges { cursor node { id } } ${page} } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Query.operationUsage': {
    kind: 'query',
    operation: `{ operationUsage(first: 5) { nodes { ${usage} } edges { cursor node { operationId } } ${page} } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
  'Query.fieldUsage': {
    kind: 'query',
    operation: `{ fieldUsage(first: 5) { nodes { clientName clientVersion operationId operationName coordinates uses lastUsedAt }
      edges { cursor node { operationId } } ${page} } }`,
    isRevealing: false,
    verdicts: byPlatform,
  },
};

const mutations: Readonly<Record<string, FieldCase>> = {
  'Mutation.createAlertRule': {
    kind: 'mutation',
    operation: `mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { ${rule} } }`,
    variables: () => ({
      input: { name: 'R', measure: 'EVENT_COUNT', eventName: 'never', operator: 'GREATER_THAN', threshold: 9 },
    }),
    verdicts: ofActiveTenantByAdmins,
  },
  'Mutation.updateAlertRule': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateAlertRuleInput!) { updateAlertRule(input: $input) { ${rule} } }`,
    variables: ({ ruleId }) => ({ input: { id: ruleId, windowSeconds: 90 } }),
    verdicts: byAdmins,
  },
  'Mutation.deleteAlertRule': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { deleteAlertRule(id: $id) { id name } }',
    fresh: async (maker) => ({ id: await maker.rule() }),
    verdicts: byAdmins,
  },
  'Mutation.publishOperationManifest': {
    kind: 'mutation',
    operation: `mutation ($input: PublishOperationManifestInput!) { publishOperationManifest(input: $input) { ${manifest} } }`,
    variables: () => ({ input: { clientName: 'c', clientVersion: '1', manifest: {} } }),
    verdicts: byPlatform,
  },
  'Mutation.withdrawOperationManifest': {
    kind: 'mutation',
    operation: 'mutation ($input: WithdrawOperationManifestInput!) { withdrawOperationManifest(input: $input) { id } }',
    variables: () => ({ input: { clientName: 'c', clientVersion: '1' } }),
    verdicts: byPlatform,
  },
  'Mutation.track': {
    kind: 'mutation',
    operation: 'mutation ($input: TrackInput!) { track(input: $input) { accepted duplicates } }',
    variables: () => ({ input: { events: [{ name: 'matrix.asked' }], sentAt: new Date().toISOString() } }),
    verdicts: ofActiveTenant,
  },
};

export const analyticsFields: Readonly<Record<string, FieldCase>> = { ...queries, ...mutations };
