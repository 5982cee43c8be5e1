import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '@tessera/service/logging';
import { createMailer, createSmtpMailer, type Mailer } from '@tessera/service/mail';
import { freePort } from '../support/free-port.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { parseMailMessage, type MailMessage } from '../support/mail-message.js';
import { startSmtpServer, type CatchingSmtpServer } from '../support/smtp-server.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const from = 'Tessera <no-reply@example.com>';

const mailerFor = (url: string): Mailer => createMailer({ url, from, logger: quietLogger(), lifecycle: leftovers });

/** @param lastMail what the reader of the mail sent last sees */
function mailContract(createSubject: () => Mailer, lastMail: () => Promise<MailMessage>): void {
  test('brings sender, recipient, subject, text and HTML through whole', async () => {
    const mailer = createSubject();
    const text = 'Grüße, Ada!\n\nA long line: ' + 'x'.repeat(200) + '\n.\nhttps://example.com/?token=a=b&c=d';

    await mailer.send({ to: 'ada@example.com', subject: 'Wïllkommen ✓', text, html: '<p>Grüße, <b>Ada</b>!</p>' });

    expect(await lastMail()).toMatchObject({
      from,
      to: 'ada@example.com',
      subject: 'Wïllkommen ✓',
      text,
      html: '<p>Grüße, <b>Ada</b>!</p>',
    });
  });

  test('sends a mail without HTML', async () => {
    const mailer = createSubject();

    await mailer.send({ to: 'bob@example.com', subject: 'Plain', text: 'Only text' });

    expect(await lastMail()).toMatchObject({ to: 'bob@example.com', text: 'Only text', html: '' });
  });

  test('names a mail by its id, so that one sent twice is told as the same', async () => {
    const mailer = createSubject();

    await mailer.send({ id: 'job-1', to: 'cy@example.com', subject: 'Named', text: 'Text' });

    expect((await lastMail()).id).toBe('<job-1@example.com>');
    await expect(mailer.send({ id: 'x>\r\n', to: 'cy@example.com', subject: 'Named', text: '' })).rejects.toMatchObject(
      {
        code: 'BAD_USER_INPUT',
      },
    );
  });

  test('refuses two addresses in one, and a subject of two lines', async () => {
    const mailer = createSubject();

    const twoAddresses = mailer.send({ to: 'ada@example.com, eve@example.com', subject: 'Hello', text: '' });
    const twoLines = mailer.send({ to: 'ada@example.com', subject: 'Hello\r\nBcc: eve@example.com', text: '' });

    await expect(twoAddresses).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(twoLines).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
}

describe('mail over SMTP', () => {
  let server: CatchingSmtpServer;
  beforeAll(async () => {
    server = await startSmtpServer();
  });
  afterAll(() => server.stop());
  afterEach(() => server.refuseWith(undefined));

  mailContract(
    () => mailerFor(server.url),
    () => server.nextMail((mail) => mail === server.mails.at(-1)),
  );

  test('tells a mail that will never be taken from one that may be taken later', async () => {
    const mailer = mailerFor(server.url);
    const mail = { to: 'nobody@example.com', subject: 'Hello', text: '' };

    server.refuseWith(550);
    await expect(mailer.send(mail)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    server.refuseWith(451);
    await expect(mailer.send(mail)).rejects.toMatchObject({ code: 'OVERLOADED' });
    server.refuseWith(undefined);

    await expect(mailer.send(mail)).resolves.toBeUndefined();
  });

  test('fails as something to be tried later when nobody listens', async () => {
    const mailer = mailerFor(`smtp://127.0.0.1:${await freePort()}`);

    const sent = mailer.send({ to: 'ada@example.com', subject: 'Hello', text: '' });

    await expect(sent).rejects.toMatchObject({ code: 'OVERLOADED' });
  });

  test('fails within its deadline when the server takes no notice', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    leftovers.defer('silent server', () => silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${port}`, from, lifecycle: leftovers, timeoutMs: 200 });

    const sent = mailer.send({ to: 'ada@example.com', subject: 'Hello', text: '' });

    await expect(sent).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});

describe('mail in files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tessera-mail-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  mailContract(
    () => mailerFor(pathToFileURL(join(folder, 'outgoing mails')).href),
    async () => {
      const files = await readdir(join(folder, 'outgoing mails'));
      const last = files.sort().at(-1) ?? '';
      return parseMailMessage(await readFile(join(folder, 'outgoing mails', last), 'utf8'));
    },
  );
});

describe('mail on the console', () => {
  test('logs the text of a mail', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = createLogger({ service: 'test', level: 'info', destination });
    const mailer = createMailer({ url: 'console:', from, logger, lifecycle: leftovers });

    await mailer.send({ to: 'ada@example.com', subject: 'Hello', text: 'Follow the link' });

    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ to: 'ada@example.com', text: 'Follow the link' });
  });

  test('is not what an unknown URL means', () => {
    expect(() => mailerFor('pigeon://loft')).toThrow(/MAIL_URL/);
  });
});
