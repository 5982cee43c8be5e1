import { setTimeout as wait } from 'node:timers/promises';
import { encodePrincipal, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import {
  parseManifest,
  publishedManifestIndexSchema,
  publishedManifestsChannel,
  publishedManifestsPath,
  type PublishedManifestIndex,
} from '@tessera/service/operations';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import type { LoadedManifest, ManifestSource } from './manifest-source.js';

export interface PublishedManifestsOptions {
  /** Where analytics lists them; the path is what is signed. */
  readonly url: string;
  readonly signingSecret: string;
  readonly pubSub: PubSub;
  readonly logger: Logger;
  /** The deadline of one request. Default 3,000. */
  readonly timeoutMs?: number;
  /** How often they are asked for without being told, because an announcement may get lost. Default 30,000. */
  readonly pollMs?: number;
}

type Published = PublishedManifestIndex['manifests'][number];

const retryAfterMs = 500;

/** Takes manifests from analytics, which keeps what was published by mutation: at the start, and whenever it says so. */
export function createPublishedManifests(options: PublishedManifestsOptions): ManifestSource {
  const { url, signingSecret, pubSub, logger, timeoutMs = 3_000, pollMs = 30_000 } = options;
  const caller = { principal: encodePrincipal(servicePrincipal()) };
  const known = new Map<string, LoadedManifest>();

  async function ask(suffix: string): Promise<unknown> {
    const signed = { audience: 'analytics', method: 'GET', path: `${publishedManifestsPath}${suffix}`, body: '' };
    const { request } = await import('undici');
    const { statusCode, body } = await request(`${url}${suffix}`, {
      headers: { ...signPrincipal(signingSecret, signed, caller, Date.now()) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode === 200) return body.json();
    await body.dump();
    throw new Error(`Published manifests were answered with status ${statusCode}`);
  }

  async function load({ id, clientName, clientVersion }: Published): Promise<LoadedManifest> {
    const { operations } = await parseManifest(await ask(`/${id}`));
    return {
      origin: `published ${clientName} ${clientVersion}`,
      clientName,
      clientVersion,
      operations: operations.map((operation) => ({ ...operation, clientName })),
    };
  }

  return {
    async read() {
      const { manifests } = publishedManifestIndexSchema.parse(await ask(''));
      const ids = new Set(manifests.map(({ id }) => id));
      for (const published of manifests) {
        if (!known.has(published.id)) known.set(published.id, await load(published));
      }
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
      return manifests.flatMap(({ id }) => known.get(id) ?? []);
    },
    watch(onChange) {
      const closing = new AbortController();
      let subscription: PubSubSubscription | undefined;
      const follow = async (): Promise<void> => {
        while (!closing.signal.aborted) {
          try {
            subscription = pubSub.subscribe(publishedManifestsChannel, { onGap: onChange });
            while ((await subscription.next()).done !== true) onChange();
          } catch (error) {
            logger.warn({ err: error }, 'listening to published manifests was interrupted');
          }
          await wait(retryAfterMs, undefined, { signal: closing.signal }).then(onChange, () => undefined);
        }
      };
      const following = follow();
      const timer = setInterval(onChange, pollMs);
      timer.unref();
      return async () => {
        closing.abort();
        clearInterval(timer);
        await subscription?.close();
        await following;
      };
    },
    refused: 0,
  };
}
