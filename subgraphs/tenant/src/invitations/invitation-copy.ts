import type { MailCopy, MailLanguageTag } from '@tessera/service/mail';

/** What an invitation mail tells. */
export interface InvitationWords {
  readonly tenantName: string;
  readonly platformName: string;
  /** The address that was invited. */
  readonly email: string;
  /** `2026-01-31`. */
  readonly lastDay: string;
  readonly link: string;
}

/** What an invitation mail says, in either language. */
export const invitationCopy: Readonly<Record<MailLanguageTag, (words: InvitationWords) => MailCopy>> = {
  en: ({ tenantName, platformName, email, lastDay, link }) => ({
    language: 'en',
    subject: `Join ${tenantName} on ${platformName}`,
    before: [
      `You have been invited to join ${tenantName}.`,
      `Open this link to accept, and sign in or sign up with this address (${email}).`,
    ],
    action: { label: 'Accept the invitation', value: link },
    after: [`The invitation ends on ${lastDay}.`, 'If you did not expect it, you can ignore this mail.'],
  }),
  zh: ({ tenantName, platformName, email, lastDay, link }) => ({
    language: 'zh',
    subject: `邀请您加入 ${platformName} 上的 ${tenantName}`,
    before: [`您被邀请加入 ${tenantName}。`, `请打开以下链接接受邀请，并使用此邮箱地址（${email}）登录或注册。`],
    action: { label: '接受邀请', value: link },
    after: [`邀请有效期至 ${lastDay}。`, '如果这封邮件与您无关，请忽略它。'],
  }),
};
