const requestTimeoutMs = 30_000;

interface Answer<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** An answer with errors, by the code of its first. */
export class GraphqlRequestError extends Error {
  override readonly name = 'GraphqlRequestError';
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** @param documentId under which the query may be registered */
export type GraphqlRequest = <Data>(query: string, variables?: object, documentId?: string) => Promise<Data>;

/** Who asks. */
export interface GraphqlClientOptions {
  readonly accessToken?: string | undefined;
  readonly clientName?: string;
}

/** Speaks to the gateway as any client would. @throws GraphqlRequestError for an answer with errors */
export function createGraphqlClient(
  url: string,
  { accessToken, clientName }: GraphqlClientOptions = {},
): GraphqlRequest {
  return async <Data>(query: string, variables: object = {}, documentId?: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(clientName === undefined ? {} : { 'apollographql-client-name': clientName }),
        ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
      },
      body: JSON.stringify({ documentId, query, variables }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    const { data, errors } = (await response.json()) as Answer<Data>;
    const [error] = errors ?? [];
    if (error !== undefined || data == null) {
      throw new GraphqlRequestError(error?.message ?? 'The answer has no data', error?.extensions?.code);
    }
    return data;
  };
}
