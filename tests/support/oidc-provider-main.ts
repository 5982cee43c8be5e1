import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/**
 * A real OpenID provider as a process: whoever logs in is whom they say they are, and their login is their address,
 * which is verified unless it begins with "unverified"; who begins with "hostile" has a name to match. Writes its issuer when it listens.
 */
const [redirectUri = ''] = process.argv.slice(2);

const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'tessera', client_secret: 'secret-of-tessera', redirect_uris: [redirectUri] }],
  cookies: { keys: ['a key of cookies'] },
  pkce: { required: () => true },
  claims: { email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id,
      email_verified: !id.startsWith('unverified'),
      name: id.startsWith('hostile') ? '\u202eEve\u0000\r\nBcc: eve@idp.example' : `Name of ${id}`,
    }),
  }),
});
server.on('request', provider.callback());
process.stdout.write(`OpenID provider at ${issuer} is ready\n`);
