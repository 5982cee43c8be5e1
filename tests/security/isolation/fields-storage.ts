import { byMembers, ofActiveTenant, type FieldCase } from './field-case.js';

const file = 'id name bucket contentType size sha256 status createdAt owner { id } downloadUrl';

export const storageFields: Readonly<Record<string, FieldCase>> = {
  'Query.file': {
    kind: 'query',
    operation: `query ($id: ID!) { file(id: $id) { ${file} } }`,
    variables: ({ fileId }) => ({ id: fileId }),
    verdicts: byMembers,
  },
  'Query.files': {
    kind: 'query',
    operation: `{ files(first: 5, status: READY, bucket: "files") {
      nodes { ${file} } edges { cursor node { id } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    } }`,
    verdicts: ofActiveTenant,
  },
  'Mutation.createUpload': {
    kind: 'mutation',
    operation: `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
      file { ${file} } upload { url method headers { name value } expiresAt }
    } }`,
    variables: () => ({ input: { name: 'a.txt', contentType: 'text/plain', size: 3 } }),
    verdicts: ofActiveTenant,
  },
  'Mutation.completeUpload': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { completeUpload(fileId: $id) { id name } }',
    variables: ({ fileId }) => ({ id: fileId }),
    verdicts: byMembers,
  },
  'Mutation.updateFile': {
    kind: 'mutation',
    operation: `mutation ($input: UpdateFileInput!) { updateFile(input: $input) { ${file} } }`,
    fresh: async (maker) => ({ input: { id: await maker.file(), name: 'b.txt' } }),
    verdicts: byMembers,
  },
  'Mutation.deleteFile': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { deleteFile(id: $id) { id name status } }',
    fresh: async (maker) => ({ id: await maker.file() }),
    verdicts: byMembers,
  },
};
