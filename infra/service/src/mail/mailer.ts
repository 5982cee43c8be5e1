/** One mail to one address. */
export interface Mail {
  /** Letters, digits and dashes. A mail that is sent again under its id is told by mail servers as the same (RFC 5322, 3.6.4). */
  readonly id?: string;
  readonly to: string;
  /** One line; line breaks are refused, they would start another header. */
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

/** Hands mails over to whatever delivers them. Send from a job: a mail that fails is then tried again. */
export interface Mailer {
  /**
   * Resolves when the mail is accepted.
   *
   * @throws AppError `BAD_USER_INPUT` when the mail itself is refused (never retry), `OVERLOADED` when it could not be
   *   handed over in time
   */
  send(mail: Mail): Promise<void>;
}
