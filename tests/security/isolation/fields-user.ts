import { ofActiveTenant, ofOneself, type FieldCase } from './field-case.js';

const profile = 'id displayName locale timeZone avatar { id name } preferences';

export const notification = 'id kind data createdAt readAt tenant { id name } subject { id displayName }';

export const userFields: Readonly<Record<string, FieldCase>> = {
  'Query.users': {
    kind: 'query',
    operation: `{ users(first: 50) {
      nodes { ${profile} email accountStatus activity { activeDays days { day apiCalls } } storageUsed { bytes } sessions { id } memberships { tenant { id } } } edges { cursor node { id } }
      pageInfo { hasNextPage } totalCount
    } }`,
    withheld: { member: ({ adminEmail }) => [adminEmail] },
    verdicts: ofActiveTenant,
  },
  // Of others' things a person is told only inside their tenant: the administrator of a colleague who joined, and of alerts.
  'Query.notifications': {
    kind: 'query',
    operation: `{ notifications(first: 50) {
      nodes { ${notification} } edges { cursor node { id } } pageInfo { hasNextPage } totalCount
    } }`,
    verdicts: ofOneself,
  },
  'Query.unreadNotificationCount': {
    kind: 'query',
    operation: '{ unreadNotificationCount }',
    isRevealing: false,
    verdicts: ofOneself,
  },
  'Mutation.markNotificationsRead': {
    kind: 'mutation',
    operation: `mutation ($ids: [ID!]!) { markNotificationsRead(ids: $ids) {
      marked unreadCount notifications { ${notification} }
    } }`,
    variables: ({ notificationId }) => ({ ids: [notificationId] }),
    verdicts: ofOneself,
  },
  'Mutation.markAllNotificationsRead': {
    kind: 'mutation',
    operation: 'mutation { markAllNotificationsRead { marked unreadCount } }',
    verdicts: ofOneself,
  },
  'Mutation.updateProfile': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { ${profile} } }`,
    variables: () => ({ input: { locale: 'de-CH' } }),
    verdicts: ofOneself,
  },
  // The picture is one that the tenant's administrator has uploaded.
  'User.avatar': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id avatar { id name } } }`,
    variables: ({ fileId }) => ({ input: { avatarFileId: fileId } }),
    verdicts: {
      ...ofOneself,
      member: 'BAD_USER_INPUT',
      stranger: 'BAD_USER_INPUT',
      lockedOut: 'BAD_USER_INPUT',
    },
  },
  'Mutation.updatePreferences': {
    kind: 'mutation',
    operation: `mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { id preferences } }`,
    variables: () => ({ input: { preferences: { theme: 'dark' } } }),
    verdicts: ofOneself,
  },
};
