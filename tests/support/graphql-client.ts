/** One error of an answer, as clients see it. */
export interface GraphqlFault {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly requestId?: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
}

export interface GraphqlResponse<Data> {
  readonly status: number;
  readonly data?: Data | null;
  readonly errors?: readonly GraphqlFault[];
  /** The code of the first error. */
  readonly code: string | undefined;
}

export interface GraphqlRequest {
  readonly query?: string;
  readonly variables?: object;
  readonly extensions?: object;
  readonly token?: string | undefined;
}

const timeoutMs = 30_000;

/** Sends an operation by plain `fetch`. Untyped data: a test asserts on exactly what came. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
export async function send<Data = any>(
  origin: string,
  { query, variables, extensions, token }: GraphqlRequest,
): Promise<GraphqlResponse<Data>> {
  return sendBody<Data>(origin, JSON.stringify({ query, variables, extensions }), token);
}

/** As {@link send}, with a body that need not make sense. */
export async function sendBody<Data = unknown>(
  origin: string,
  body: string,
  token?: string,
): Promise<GraphqlResponse<Data>> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json;q=0.9',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = (await response.json()) as Omit<GraphqlResponse<Data>, 'status' | 'code'>;
  return { ...answer, status: response.status, code: answer.errors?.[0]?.extensions.code };
}

/** Sends an operation that must succeed. @throws Error with the errors of the answer */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export async function ask<Data = any>(origin: string, request: GraphqlRequest): Promise<Data> {
  const { status, data, errors } = await send<Data>(origin, request);
  if (data == null || errors !== undefined) {
    throw new Error(`${request.query} was answered with ${status} ${JSON.stringify(errors)}`);
  }
  return data;
}
