import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** Serves a request, or has it served by who did so until now. */
export type ServeOrGoOn = (message: IncomingMessage, response: ServerResponse, goOn: () => void) => void;

/** Puts somebody before who serves a server's requests now. */
export function stepBefore(server: Server, serve: ServeOrGoOn): void {
  const listeners = server.listeners('request') as ((message: IncomingMessage, response: ServerResponse) => void)[];
  server.removeAllListeners('request');
  server.on('request', (message, response) => {
    serve(message, response, () => {
      for (const listener of listeners) listener.call(server, message, response);
    });
  });
}
