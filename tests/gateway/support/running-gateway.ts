import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway, type GatewayAdapters } from '@tessera/gateway/gateway';
import type { Logger } from '@tessera/service/logging';
import type { FormattedExecutionResult } from 'graphql';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { createLeftovers, quietLogger, type Leftovers } from '../../support/leftovers.js';
import { alertingServices, startAlerting, type Alerting } from './alerting.js';

export interface RunningGatewayOptions {
  /** Environment variables over those of a test. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly adapters?: Partial<GatewayAdapters>;
  readonly logger?: Logger;
  readonly subgraphUrls?: ReadonlyMap<string, readonly string[]>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: FormattedExecutionResult;
  /** The code of the first error. */
  readonly code: unknown;
}

/** A gateway before two real subgraphs. */
export interface RunningGateway {
  readonly gateway: Gateway;
  readonly subgraphs: Alerting;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly url: string;
  readonly socketUrl: string;
  /** Sends a GraphQL request by POST. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  send(init: RequestInit & { readonly search?: string }): Promise<HttpAnswer>;
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** Starts the subgraphs and the gateway, all on free ports. */
export async function startRunningGateway(options: RunningGatewayOptions = {}): Promise<RunningGateway> {
  const leftovers = createLeftovers();
  try {
    return await startOn(leftovers, options);
  } catch (error) {
    await leftovers.close();
    throw error;
  }
}

async function startOn(leftovers: Leftovers, options: RunningGatewayOptions): Promise<RunningGateway> {
  const subgraphs = await startAlerting();
  leftovers.defer('subgraphs', () => subgraphs.close());
  const gateway = await createGateway({
    config: loadGatewayConfig({
      PORT: '0',
      INTERNAL_PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '0',
      SHUTDOWN_TIMEOUT_MS: '5000',
      RATE_LIMITS: 'none',
      // Planners start while other tests keep the machine busy.
      PLAN_TIMEOUT_MS: '20000',
      ...options.environment,
    }),
    supergraphSdl: composeSubgraphs(alertingServices(subgraphs)),
    logger: options.logger ?? quietLogger(),
    ...(options.adapters === undefined ? {} : { adapters: options.adapters }),
    ...(options.subgraphUrls === undefined ? {} : { subgraphUrls: options.subgraphUrls }),
  }).catch(async (error: unknown) => {
    await leftovers.close();
    throw error;
  });
  leftovers.defer('gateway', () => gateway.stop());
  const origin = `http://127.0.0.1:${gateway.port}`;
  const url = `${origin}/graphql`;

  const send: RunningGateway['send'] = async ({ search = '', ...init }) => {
    const response = await fetch(`${url}${search}`, init);
    const text = await response.text();
    const body = (text.startsWith('{') ? JSON.parse(text) : {}) as FormattedExecutionResult;
    const code = body.errors?.[0]?.extensions?.['code'];
    return { status: response.status, headers: response.headers, body, code };
  };
  return {
    gateway,
    subgraphs,
    origin,
    url,
    socketUrl: url.replace('http', 'ws'),
    send,
    post: (body, headers = {}) =>
      send({
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    metrics: async () => (await fetch(`http://127.0.0.1:${gateway.internalPort}/metrics`)).text(),
    close: () => leftovers.close(),
  };
}
