interface SubscribeMessage {
  readonly type?: unknown;
  readonly payload?: unknown;
}

/** Names under which clients send an id; the message has an `id` of its own. A variable may be called `query` beside it. */
const persistedId = /"(?:persistedQuery|documentId|doc_id)"|"id"[^]*"id"/;

/**
 * Adds an empty `query` to a message that asks for a document by its id alone: the protocol's own check, older than ids,
 * wants a text in every `subscribe`. Only messages that may need it are read twice.
 *
 * @param text a message of graphql-transport-ws; what is none stays as it is, for the protocol to refuse
 */
export function completeMessage(text: string): string {
  if (!text.includes('"subscribe"') || (text.includes('"query"') && !persistedId.test(text))) return text;
  const message = parse(text);
  if (message?.type !== 'subscribe') return text;
  const { payload } = message;
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return text;
  const { query } = payload as { readonly query?: unknown };
  if (query !== undefined && query !== null) return text;
  return JSON.stringify({ ...message, payload: { ...payload, query: '' } });
}

function parse(text: string): SubscribeMessage | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}
