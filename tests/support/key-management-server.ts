import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real HTTP server that encrypts and decrypts as a key management service does. */
export interface KeyManagementServer {
  readonly url: string;
  readonly token: string;
  /** The routes that were asked, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

interface Asked {
  readonly plaintext?: string;
  readonly ciphertext?: string;
  readonly context: string;
}

/** Starts one with a key of its own. */
export async function startKeyManagementServer(): Promise<KeyManagementServer> {
  const key = randomBytes(32);
  const token = randomBytes(16).toString('hex');
  const asked: string[] = [];
  const encrypt = ({ plaintext = '', context }: Asked): object => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plaintext, 'base64'), cipher.final()]);
    return { ciphertext: Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64') };
  };
  const decrypt = ({ ciphertext = '', context }: Asked): object => {
    const bytes = Buffer.from(ciphertext, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(12, 28));
    return { plaintext: Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('base64') };
  };
  const answer = async (request: IncomingMessage): Promise<object> => {
    if (request.headers.authorization !== `Bearer ${token}`) throw new Error('No such token');
    asked.push(request.url ?? '');
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString('utf8')) as Asked;
    return request.url === '/encrypt' ? encrypt(body) : decrypt(body);
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (body) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)),
      () => response.writeHead(403).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    asked,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
