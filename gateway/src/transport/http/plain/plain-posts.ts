import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { PostConnection, type PlainPost, type PostConnectionOwner } from './post-connection.js';
import { PostReader } from './post-reader.js';

export interface PlainPostsOptions {
  readonly path: string;
  readonly maxHeaders: number;
  readonly serve: (post: PlainPost, connection: PostConnection) => void;
  /** Default 1,000: pieces of a small request are sent at once, and come microseconds apart. */
  readonly restTimeoutMs?: number;
}

/** Node lets clients a little longer than it has told them. */
const idleMarginMs = 1_000;

/**
 * Reads plain POSTs from a server's connections itself. Node's own way makes two streams for each request, with a dozen events, and
 * checks each header of each answer by itself: a fifth of what a small operation costs. Which is why only what is certain is read
 * here; everything else goes to Node's parser, with all that comes after it on that connection.
 */
export class PlainPosts implements PostConnectionOwner {
  readonly idleTimeoutMs: number;
  readonly restTimeoutMs: number;
  readonly serve: PostConnectionOwner['serve'];
  readonly #connections = new Set<PostConnection>();
  readonly #goToNode: (socket: Socket) => void;

  /** Takes over a server's connections from now on. */
  constructor(server: Server, { path, maxHeaders, serve, restTimeoutMs = 1_000 }: PlainPostsOptions) {
    this.restTimeoutMs = restTimeoutMs;
    this.idleTimeoutMs = server.keepAliveTimeout + idleMarginMs;
    this.serve = serve;
    // The first who listens is the server itself, since it was made.
    const [serveByNode] = server.listeners('connection') as ((socket: Socket) => void)[];
    if (serveByNode === undefined) throw new TypeError('The server does not serve connections');
    this.#goToNode = (socket) => serveByNode.call(server, socket);
    server.off('connection', serveByNode);
    server.on('connection', (socket: Socket) => {
      this.#connections.add(new PostConnection(socket, new PostReader(path, maxHeaders), this));
    });
  }

  forget(connection: PostConnection): void {
    this.#connections.delete(connection);
  }

  handOver(socket: Socket): void {
    this.#goToNode(socket);
  }

  closeIdle(): void {
    for (const connection of this.#connections) connection.closeIdle();
  }
}
