import type { MailLanguage, MailTemplate } from './mail-template.js';

const unexpected = '如果这封邮件与您无关，请忽略它。';
const ifNotYou = '如果不是您本人操作，请立即在登录页面重新设置密码。';

const notice = (subject: string, ...before: readonly string[]): MailTemplate => ({
  subject,
  before,
  after: [ifNotYou],
});

export const chinese: MailLanguage = {
  tag: 'zh',
  templates: {
    'verify-email': {
      subject: '请确认您的邮箱地址',
      before: ['有人（希望是您本人）用此地址注册了账号并设置了密码。请打开以下链接，确认是您本人操作。'],
      action: '确认邮箱地址',
      after: ['如果不是您本人操作，请不要打开链接，否则他人的账号会与您的地址绑定。'],
    },
    'reset-password': {
      subject: '设置新密码',
      before: ['请在一小时内打开以下链接设置新密码。设置后，所有设备都将退出登录。'],
      action: '设置新密码',
      after: [unexpected],
    },
    'sign-in': {
      subject: '您的登录验证码',
      before: ['有人正在登录您的账号，希望是您本人。验证码和链接十分钟内有效，只能使用一次。'],
      code: '验证码',
      action: '登录',
      after: ['请勿将验证码告诉任何人，我们绝不会向您索要。', unexpected],
    },
    'change-email': {
      subject: '您要更改邮箱地址吗',
      before: ['有人请求更改您账号的邮箱地址。如果是您本人，请在一天内打开以下链接表示同意。'],
      action: '同意更改',
      after: ['新地址也需要确认此次更改。', ifNotYou],
    },
    'confirm-new-email': {
      subject: '请确认您的新邮箱地址',
      before: ['请在一天内，在已登录的设备上打开以下链接，将此地址设为您账号的邮箱地址。'],
      action: '确认新地址',
      after: ['原地址也需要表示同意。', unexpected],
    },
    'email-changed': {
      subject: '您账号的邮箱地址已更改',
      before: ['经新旧两个地址确认，您的账号现已改用另一个邮箱地址登录。'],
      after: ['如果不是您本人操作，请立即联系平台的运营人员。'],
    },
    'address-taken': {
      subject: '您已有账号',
      before: ['有人（也许是您）想用此地址注册或绑定账号，但该地址已有账号。'],
      after: ['如果是您本人，请直接登录，或在登录页面重新设置密码。', unexpected],
    },
    'account-deactivated': {
      subject: '您的账号已停用',
      before: ['平台的运营人员停用了您的账号，暂时无法登录，您的数据不会丢失。'],
      after: ['如果您认为有误，请联系平台的运营人员。'],
    },
    'account-reactivated': {
      subject: '您的账号已恢复',
      before: ['您现在可以像以前一样登录。'],
      after: [],
    },
    'password-changed': notice('您的密码已修改', '您账号的密码已修改，其他设备已退出登录。'),
    'password-removed': {
      subject: '邮箱地址已确认，原密码已移除',
      before: [
        '您首次通过邮箱登录，这证明该地址属于您。',
        '账号的密码是在此之前设置的，可能并非您本人所设，因此已被移除，其他设备已退出登录。',
      ],
      after: ['如需再次使用密码登录，请在登录页面重新设置密码。'],
    },
    'new-device': {
      subject: '您的账号有新的登录',
      before: ['您的账号刚刚在一台近期未出现过的设备或网络上登录。'],
      facts: [
        ['at', '时间'],
        ['device', '设备'],
        ['place', '地点（按地址推测）'],
        ['address', '地址'],
      ],
      after: ['如果是您本人操作，无需处理。', '如果不是，请立即在登录页面重新设置密码，所有设备都将退出登录。'],
    },
    impersonated: {
      subject: '平台人员正以您的身份操作',
      before: ['平台管理员以您的身份打开了一个会话，其中的所有操作都会被记录。'],
      facts: [
        ['reason', '理由'],
        ['at', '开始时间'],
        ['until', '最晚结束时间'],
      ],
      after: ['您可以在会话列表中看到并结束它。如果您对此不知情，请联系平台的运营人员。'],
    },
    'totp-enabled': notice('身份验证器已启用', '从现在起，登录您的账号需要输入身份验证器的验证码。'),
    'totp-disabled': notice('身份验证器已停用', '登录您的账号不再需要身份验证器的验证码。'),
    'passkey-added': notice('新增了通行密钥', '现在可以用新的通行密钥登录您的账号。'),
    'passkey-removed': notice('移除了通行密钥', '您账号的一个通行密钥已不能再用于登录。'),
    'identity-linked': notice('新增了一种登录方式', '您的账号已关联其他平台的身份，现在可以用它登录。'),
    'identity-unlinked': notice('移除了一种登录方式', '您的账号已解除与其他平台身份的关联。'),
    'recovery-codes-replaced': notice('您的恢复码已更换', '您的账号已生成新的恢复码，旧的恢复码已失效。'),
  },
};
