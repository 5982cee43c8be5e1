import { openLiveSocket } from '../support/live-socket.js';

const query = 'subscription { liveMetrics(intervalMs: 250) { at } }';
const accepted = ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'];

/** How what somebody watches ended: a close code of the socket, the codes of the errors of the streams. */
export interface Endings {
  readonly socket: number;
  readonly eventStream: string | undefined;
  readonly multipart: string | undefined;
}

/** Watches live metrics by WebSocket, event stream and multipart stream. @returns resolves, when all is open, to what waits for the ends */
export async function watchEveryWay(origin: string, token: string): Promise<() => Promise<Endings>> {
  const socket = await openLiveSocket(origin, token);
  await socket.subscribe(query).first(() => true);
  const [eventStream, multipart] = await Promise.all(accepted.map((accept) => openStream(origin, token, accept)));
  return async () => ({
    socket: (await socket.closed).code,
    eventStream: codeIn((await eventStream?.text()) ?? ''),
    multipart: codeIn((await multipart?.text()) ?? ''),
  });
}

async function openStream(origin: string, token: string, accept: string): Promise<Response> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { accept, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  if (response.status !== 200) throw new Error(`The stream was refused: ${await response.text()}`);
  return response;
}

const codeIn = (text: string): string | undefined => /"code":"(\w+)"/.exec(text)?.[1];
