import {
  encodeClient,
  encodePrincipal,
  signPrincipal,
  type ClientDetails,
  type Principal,
} from '@tessera/service/identity';
import { Pool } from 'undici';
import { principalSecret } from '../../support/subgraph-harness.js';

const timeoutMs = 20_000;

/** A request as a gateway sends it on. */
export interface SentRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Empty for a GET. */
  readonly body: string;
  readonly contentType?: string;
  /** In wire form. */
  readonly principal: string;
  readonly client?: string | undefined;
}

/** Asks the auth subgraph as a gateway does, with as little work of its own as that takes. */
export class AuthClient {
  readonly #pool: Pool;

  /** @param connections how many requests may be under way */
  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, { connections, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  }

  /** @throws Error for an answer with errors */
  async ask<Data>(query: string, variables: object, principal: Principal, client?: ClientDetails): Promise<Data> {
    const text = await this.send({
      method: 'POST',
      path: '/graphql',
      body: JSON.stringify({ query, variables }),
      contentType: 'application/json',
      principal: encodePrincipal(principal),
      client: client && encodeClient(client),
    });
    const { data, errors } = JSON.parse(text) as { readonly data?: Data | null; readonly errors?: unknown };
    if (errors !== undefined || data === undefined || data === null) throw new Error(text);
    return data;
  }

  /** @returns the answer's body; @throws Error for another status than 200 */
  async send({ method, path, body, contentType, principal, client }: SentRequest): Promise<string> {
    const signed = { audience: 'auth', method, path, body };
    const signature = signPrincipal(principalSecret, signed, { principal, client }, Date.now());
    const response = await this.#pool.request({
      method,
      path,
      headers: { ...signature, ...(contentType !== undefined && { 'content-type': contentType }) },
      body: method === 'POST' ? body : null,
    });
    const text = await response.body.text();
    if (response.statusCode !== 200)
      throw new Error(`${path} was answered with status ${response.statusCode}: ${text}`);
    return text;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
