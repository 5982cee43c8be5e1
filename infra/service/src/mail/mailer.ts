/** One mail to one address. */
export interface Mail {
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
