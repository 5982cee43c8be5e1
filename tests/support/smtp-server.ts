import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { parseMailMessage, type MailMessage } from './mail-message.js';

/** A mail that was really handed over by SMTP. */
export interface CaughtMail extends MailMessage {
  readonly recipients: readonly string[];
}

/** A real SMTP server that delivers nothing and remembers everything. */
export interface CatchingSmtpServer {
  /** `smtp://127.0.0.1:<port>` */
  readonly url: string;
  readonly mails: readonly CaughtMail[];
  /** Answers the first mail, caught already or yet to come, that fulfils the predicate. */
  nextMail(predicate?: (mail: CaughtMail) => boolean, timeoutMs?: number): Promise<CaughtMail>;
  /** Refuses every recipient from now on with an SMTP status; undefined accepts again. */
  refuseWith(status: number | undefined): void;
  stop(): Promise<void>;
}

/** Starts an SMTP server on a free port. */
export async function startSmtpServer(): Promise<CatchingSmtpServer> {
  const mails: CaughtMail[] = [];
  const arrivals = new EventEmitter().setMaxListeners(100);
  let refusal: number | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onRcptTo(_address, _session, callback) {
      if (refusal === undefined) callback();
      else callback(Object.assign(new Error('refused by the test'), { responseCode: refusal }));
    },
    onData(stream, session, callback) {
      text(stream).then((raw) => {
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ ...parseMailMessage(raw), recipients });
        arrivals.emit('mail');
        callback();
      }, callback);
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    async nextMail(predicate = () => true, timeoutMs = 25_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      for (;;) {
        const found = mails.find(predicate);
        if (found !== undefined) return found;
        await once(arrivals, 'mail', { signal });
      }
    },
    refuseWith(status) {
      refusal = status;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}
