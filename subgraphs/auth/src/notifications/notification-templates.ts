import type { MailLanguageTag } from '@tessera/service/mail';
import type { MailTemplate } from '../emails/templates/mail-template.js';

/** What a mail about a notification may name; texts of people, on one line. */
export interface NotificationWords {
  readonly tenantName: string;
  readonly ruleName: string;
  readonly meter: string;
  readonly percent: string;
}

/** Kind of notification -> what its mail says in one language. */
type NotificationTemplates = Readonly<Record<string, (words: NotificationWords) => MailTemplate>>;

const english = (subject: string, text: string): MailTemplate => ({
  subject,
  before: [text],
  action: 'See all notifications',
  after: ['Of what you are mailed you can choose in your preferences.'],
});

const chinese = (subject: string, text: string): MailTemplate => ({
  subject,
  before: [text],
  action: '查看所有通知',
  after: ['您可以在偏好设置中选择接收哪些邮件通知。'],
});

const englishNotifications: NotificationTemplates = {
  JOINED_TENANT: ({ tenantName }) => english(`You are in ${tenantName}`, `You were taken into ${tenantName}.`),
  ROLE_CHANGED: ({ tenantName }) =>
    english(`Your role in ${tenantName} has changed`, `An administrator of ${tenantName} gave you another role.`),
  REMOVED_FROM_TENANT: ({ tenantName }) =>
    english(`You are no longer in ${tenantName}`, `Your membership in ${tenantName} has ended.`),
  MEMBERSHIP_DEACTIVATED: ({ tenantName }) =>
    english(
      `You are locked out of ${tenantName}`,
      `An administrator of ${tenantName} has deactivated your membership.`,
    ),
  MEMBERSHIP_REACTIVATED: ({ tenantName }) =>
    english(`You are in ${tenantName} again`, `An administrator of ${tenantName} has reactivated your membership.`),
  MEMBER_JOINED: ({ tenantName }) =>
    english(`Somebody joined ${tenantName}`, `There is a new member in ${tenantName}, which you administer.`),
  ALERT_FIRED: ({ ruleName }) => english(`Alert: ${ruleName}`, `The alert “${ruleName}” fires.`),
  ALERT_RESOLVED: ({ ruleName }) => english(`Over: ${ruleName}`, `The alert “${ruleName}” does not fire any more.`),
  QUOTA_WARNING: ({ meter, percent }) =>
    english(`${percent}% of a quota is used up`, `Of ${meter}, ${percent}% of what your plan allows is used up.`),
  EXPORT_READY: () => english('Your export is ready', 'What you asked to take out is ready to be downloaded.'),
};

const chineseNotifications: NotificationTemplates = {
  JOINED_TENANT: ({ tenantName }) => chinese(`您已加入 ${tenantName}`, `您已成为 ${tenantName} 的成员。`),
  ROLE_CHANGED: ({ tenantName }) =>
    chinese(`您在 ${tenantName} 的角色已更改`, `${tenantName} 的管理员为您分配了新的角色。`),
  REMOVED_FROM_TENANT: ({ tenantName }) =>
    chinese(`您已不再是 ${tenantName} 的成员`, `您在 ${tenantName} 的成员资格已结束。`),
  MEMBERSHIP_DEACTIVATED: ({ tenantName }) =>
    chinese(`您在 ${tenantName} 的成员资格已停用`, `${tenantName} 的管理员停用了您的成员资格。`),
  MEMBERSHIP_REACTIVATED: ({ tenantName }) =>
    chinese(`您已重新加入 ${tenantName}`, `${tenantName} 的管理员恢复了您的成员资格。`),
  MEMBER_JOINED: ({ tenantName }) => chinese(`${tenantName} 有新成员`, `您管理的 ${tenantName} 有新成员加入。`),
  ALERT_FIRED: ({ ruleName }) => chinese(`告警：${ruleName}`, `告警“${ruleName}”已触发。`),
  ALERT_RESOLVED: ({ ruleName }) => chinese(`告警已恢复：${ruleName}`, `告警“${ruleName}”已恢复正常。`),
  QUOTA_WARNING: ({ meter, percent }) =>
    chinese(`配额已使用 ${percent}%`, `您的套餐中，${meter} 的配额已使用 ${percent}%。`),
  EXPORT_READY: () => chinese('您的导出已就绪', '您请求导出的数据已可下载。'),
};

export const notificationTemplates: Readonly<Record<MailLanguageTag, NotificationTemplates>> = {
  en: englishNotifications,
  zh: chineseNotifications,
};
