import { randomUUID } from 'node:crypto';
import { byAdmins, byMembers, ofActiveTenant, ofActiveTenantByAdmins, type FieldCase } from './field-case.js';

const group = 'id name description role createdAt';
const page = 'pageInfo { hasNextPage } totalCount';
const member = 'addedAt user { id displayName }';
const members = `members(first: 5) { nodes { ${member} } edges { cursor node { addedAt } } ${page} }`;

/** To make one for each call would use up the plan. */
export const groupFields: Readonly<Record<string, FieldCase>> = {
  'Query.groups': {
    kind: 'query',
    operation: `{ groups(first: 5) { nodes { ${group} ${members} } edges { cursor node { id } } ${page} } }`,
    verdicts: ofActiveTenant,
  },
  'Query.group': {
    kind: 'query',
    operation: `query ($id: ID!) { group(id: $id) { ${group} ${members} } }`,
    variables: ({ groupId }) => ({ id: groupId }),
    verdicts: byMembers,
  },
  'Mutation.createGroup': {
    kind: 'mutation',
    operation: `mutation ($input: CreateGroupInput!) { createGroup(input: $input) { ${group} } }`,
    variables: () => ({ input: { name: '' } }),
    verdicts: { ...ofActiveTenantByAdmins, admin: 'BAD_USER_INPUT', stranger: 'BAD_USER_INPUT' },
  },
  'Mutation.updateGroup': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateGroupInput!) { updateGroup(input: $input) { ${group} } }`,
    variables: ({ groupId }) => ({ input: { id: groupId, description: 'Another' } }),
    verdicts: byAdmins,
  },
  'Mutation.addGroupMembers': {
    kind: 'mutation',
    operation: `mutation ($input: GroupMembersInput!) { addGroupMembers(input: $input) { ${group} } }`,
    variables: ({ groupId, memberId }) => ({ input: { groupId, userIds: [memberId] } }),
    verdicts: byAdmins,
  },
  'Mutation.removeGroupMembers': {
    kind: 'mutation',
    operation: `mutation ($input: GroupMembersInput!) { removeGroupMembers(input: $input) { ${group} } }`,
    variables: ({ groupId, memberId }) => ({ input: { groupId, userIds: [memberId] } }),
    verdicts: byAdmins,
  },
  'Mutation.deleteGroup': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { deleteGroup(id: $id) }',
    variables: () => ({ id: randomUUID() }),
    verdicts: { ...byAdmins, admin: 'NOT_FOUND' },
  },
};
