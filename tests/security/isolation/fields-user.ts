import { ofActiveTenant, ofOneself, type FieldCase } from './field-case.js';

const profile = 'id displayName locale timeZone avatar { id name } preferences';

export const userFields: Readonly<Record<string, FieldCase>> = {
  'Query.users': {
    kind: 'query',
    operation: `{ users(first: 50) {
      nodes { ${profile} email sessions { id } memberships { tenant { id } } } edges { cursor node { id } }
      pageInfo { hasNextPage } totalCount
    } }`,
    withheld: { member: ({ adminEmail }) => [adminEmail] },
    verdicts: ofActiveTenant,
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
