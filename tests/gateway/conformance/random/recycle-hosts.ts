import type { HostLink, HostListener, OpenHost } from '@tessera/gateway/planning/hosts/host-link';

/** Planners' hosts that go from one supergraph to the next: a host that is at rest is kept where it would be killed. */
export interface HostRecycling {
  readonly open: OpenHost;
  /** Kills those that are kept. */
  close(): void;
}

interface Kept {
  readonly link: HostLink;
  listener: HostListener;
  isBusy: boolean;
  isGone: boolean;
}

export function recycleHosts(open: OpenHost): HostRecycling {
  const idle: Kept[] = [];

  function start(listener: HostListener): Kept {
    const link = open({
      reply(reply) {
        kept.isBusy = false;
        kept.listener.reply(reply);
      },
      ended(reason) {
        kept.isGone = true;
        kept.listener.ended(reason);
      },
    });
    const kept: Kept = { link, listener, isBusy: false, isGone: false };
    return kept;
  }

  function reuse(listener: HostListener): Kept {
    const kept = idle.pop();
    if (kept === undefined || kept.isGone) return start(listener);
    kept.listener = listener;
    return kept;
  }

  return {
    open(listener) {
      const kept = reuse(listener);
      return {
        post(request) {
          kept.isBusy = true;
          kept.link.post(request);
        },
        hold: () => kept.link.hold(),
        release: () => kept.link.release(),
        processorMs: () => kept.link.processorMs(),
        kill() {
          if (kept.isBusy || kept.isGone) {
            kept.link.kill();
            return;
          }
          kept.link.release();
          kept.listener = { reply: () => undefined, ended: () => undefined };
          idle.push(kept);
          queueMicrotask(() => listener.ended('it was given to another supergraph'));
        },
      };
    },
    close() {
      for (const { link } of idle.splice(0)) link.kill();
    },
  };
}
