import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, invitationSecret } from './organisation.js';

let smtp: CatchingSmtpServer;
let harness: SubgraphHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: smtp.url, PLATFORM_NAME: 'Acme' },
  });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const invite = 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }';

const tokenOf = (text: string): string => /#token=([\w-]+)/.exec(text)?.[1] ?? '';

test('an invitation is mailed as text and HTML, in the language of the tenant', async () => {
  const { admin } = await anOrganisation(harness);
  const mailTo = async (email: string) => {
    const mail = smtp.nextMail(({ recipients }) => recipients.includes(email));
    await harness.request(admin, invite, { input: { email } });
    return mail;
  };
  await harness.request(admin, 'mutation { updateTenant(input: { name: "Ink & <b>Paper</b>" }) { id } }');

  const english = await mailTo('english@example.com');
  const region = { key: 'region', value: { locale: 'zh-Hans-CN', timeZone: 'Asia/Shanghai' } };
  await harness.request(admin, 'mutation ($input: SetSettingInput!) { setSetting(input: $input) { key } }', {
    input: region,
  });
  const chinese = await mailTo('chinese@example.com');

  expect(english.subject).toBe('Join Ink & <b>Paper</b> on Acme');
  expect(english.html).toContain('invited to join Ink &amp; &lt;b&gt;Paper&lt;/b&gt;.');
  expect(english.html).toContain('<html lang="en">');
  expect(chinese.subject).toBe('邀请您加入 Acme 上的 Ink & <b>Paper</b>');
  expect(chinese.html).toContain('<html lang="zh">');
  for (const { text, html } of [english, chinese]) {
    expect(text).toContain(`#token=${tokenOf(text)}`);
    expect(html).toContain(`href="http://localhost:4000/invitations/accept#token=${tokenOf(text)}"`);
  }
});
