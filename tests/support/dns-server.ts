import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createUDPServer, Packet } from 'dns2';

/** A name server on a free port, which knows TXT records alone. */
export interface DnsServer {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** What it answers for a name from now on; nothing: there is no such record. */
  setText(name: string, ...texts: string[]): void;
  /** Answers with failures until told otherwise. */
  setBroken(isBroken: boolean): void;
  stop(): Promise<void>;
}

export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, readonly string[]>();
  let broken = false;
  const server = createUDPServer((request, send) => {
    const response = Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    const name = question?.name.toLowerCase() ?? '';
    const texts = records.get(name) ?? [];
    if (broken) response.header.rcode = Packet.RCODE.SERVFAIL;
    else if (texts.length === 0) response.header.rcode = Packet.RCODE.NXDOMAIN;
    for (const data of broken ? [] : texts) {
      const record = new Packet.Resource(name, Packet.TYPE.TXT, Packet.CLASS.IN, 0);
      response.answers.push(Object.assign(record, { data }));
    }
    send(response);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    setText: (name, ...texts) => void records.set(name, texts),
    setBroken(isBroken) {
      broken = isBroken;
    },
    async stop() {
      server.close();
      await once(server, 'close');
    },
  };
}
