/** How a person proved who they are, as far as possible by the names of RFC 8176; `email` and `fed` are our own. */
export type AuthenticationMethod =
  | 'pwd'
  /** A code or link that was mailed. */
  | 'email'
  /** An identity provider. */
  | 'fed'
  /** A code of an authenticator app. */
  | 'otp'
  /** A recovery code in its place. */
  | 'kba'
  /** A passkey. */
  | 'hwk'
  /** More than one factor, whichever they were. */
  | 'mfa';
