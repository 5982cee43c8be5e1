import { createDomainEvent, type DomainEvent } from '@tessera/service/events';

/** A person is new on the platform. */
export function userSignedUp(person: {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
  /** BCP 47. */
  readonly locale?: string | undefined;
}): DomainEvent {
  const { userId, email, displayName, locale } = person;
  return createDomainEvent({
    type: 'user.signedUp',
    payload: { userId, email, displayName, ...(locale !== undefined && { locale }) },
  });
}
