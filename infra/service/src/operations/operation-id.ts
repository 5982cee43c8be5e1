/** What a SHA-256 looks like as an id, once it is brought to its plain form. */
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Characters of the identifiers of GraphQL over HTTP's appendix on persisted documents, and of base64 and paths beside them. */
const idPattern = /^[A-Za-z0-9._~:/+=-]{1,256}$/;

const prefixedPattern = /^sha256:([0-9a-f]{64})$/i;
const barePattern = /^[0-9a-f]{64}$/i;

/** Brings an id to the form that it is kept by: a SHA-256 loses its prefix and its capitals, anything else stays. */
export function plainOperationId(id: string): string {
  const prefixed = prefixedPattern.exec(id);
  if (prefixed?.[1] !== undefined) return prefixed[1].toLowerCase();
  return barePattern.test(id) ? id.toLowerCase() : id;
}

/** Whether a plain id says what its document's SHA-256 is. */
export const isSha256 = (id: string): boolean => sha256Pattern.test(id);

/** Whether a text can be an operation's id at all. */
export const isOperationId = (id: string): boolean => idPattern.test(id);
