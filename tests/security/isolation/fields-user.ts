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
  // The user subgraph knows no files: it keeps any id, and a file of another tenant is as missing as one that never was.
  'User.avatar': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id avatar { id name } } }`,
    variables: ({ fileId }) => ({ input: { avatarFileId: fileId } }),
    verdicts: { ...ofOneself, stranger: 'INTERNAL_SERVER_ERROR', lockedOut: 'INTERNAL_SERVER_ERROR' },
  },
  'Mutation.updatePreferences': {
    kind: 'mutation',
    operation: `mutation ($input: UpdatePreferencesInput!) { updatePreferences(input: $input) { id preferences } }`,
    variables: () => ({ input: { preferences: { theme: 'dark' } } }),
    verdicts: ofOneself,
  },
};
