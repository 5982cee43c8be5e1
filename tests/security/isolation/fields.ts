import { analyticsFields } from './fields-analytics.js';
import { activationFields } from './fields-activation.js';
import { authFields } from './fields-auth.js';
import { billingFields } from './fields-billing.js';
import { domainFields } from './fields-domains.js';
import { dataExport, erasureFields } from './fields-erasure.js';
import { groupFields } from './fields-groups.js';
import { memberFields } from './fields-members.js';
import { policyFields } from './fields-policy.js';
import { programFields } from './fields-programs.js';
import { storageFields } from './fields-storage.js';
import { tenantFields } from './fields-tenant.js';
import { notification, userFields } from './fields-user.js';
import { withoutToken, type FieldCase, type StreamCase } from './field-case.js';

/** The isolation matrix: every field of Query and Mutation, by its coordinate; of one that is called in several ways, followed by which. */
export const fieldCases: Readonly<Record<string, FieldCase>> = {
  // Before anybody has made a tenant: its last administrator cannot be erased.
  ...erasureFields,
  ...activationFields,
  ...authFields,
  ...programFields,
  ...tenantFields,
  ...memberFields,
  ...billingFields,
  ...domainFields,
  ...groupFields,
  ...policyFields,
  ...userFields,
  ...storageFields,
  ...analyticsFields,
};

const ofTenant: Omit<StreamCase, 'operation'> = {
  subscribers: ['admin', 'member', 'stranger'],
  revealsTo: ['admin', 'member'],
  refused: { ...withoutToken, lockedOut: 'PRECONDITION_FAILED' },
};

/** Every field of Subscription: what a subscriber of one tenant gets while things happen in another. */
export const streamCases: Readonly<Record<string, StreamCase>> = {
  'Subscription.alerts': {
    ...ofTenant,
    operation: `subscription { alerts {
    id status value threshold startedAt endedAt rule { id name } tenant { id name }
  } }`,
  },
  // Administrators are told of alerts; whoever is signed in may listen, and hears nothing of others.
  'Subscription.notifications': {
    operation: `subscription { notifications { ${notification} } }`,
    subscribers: ['admin', 'stranger'],
    silent: ['member', 'lockedOut'],
    revealsTo: ['admin'],
    refused: withoutToken,
  },
  'Subscription.dataExportProgress': {
    operation: `subscription ($id: ID!) { dataExportProgress(id: $id) { ${dataExport} } }`,
    variables: ({ exportId }) => ({ id: exportId }),
    subscribers: ['admin'],
    revealsTo: ['admin'],
    refused: { ...ofTenant.refused, member: 'FORBIDDEN', stranger: 'NOT_FOUND', lockedOut: 'NOT_FOUND' },
  },
  'Subscription.liveMetrics': {
    ...ofTenant,
    revealsTo: [],
    operation: `subscription { liveMetrics(intervalMs: 250) {
    at eventsPerSecond requestsPerSecond errorRate latencyP50Ms latencyP95Ms latencyP99Ms activeConnections activeUsers
  } }`,
  },
};

/** All operations of the matrix, by the coordinate of what they ask for. */
export function allOperations(): ReadonlyMap<string, string> {
  const fields = Object.entries(fieldCases).map(([name, { operation }]) => [name, operation] as const);
  const streams = Object.entries(streamCases).map(([name, { operation }]) => [name, operation] as const);
  return new Map([...fields, ...streams]);
}
