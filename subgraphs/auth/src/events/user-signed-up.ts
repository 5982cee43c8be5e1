import { createDomainEvent, type DomainEvent } from '@tessera/service/events';

/** A person is new on the platform. */
export function userSignedUp(person: {
  readonly userId: string;
  readonly email: string;
  readonly displayName: string;
}): DomainEvent {
  const { userId, email, displayName } = person;
  return createDomainEvent({ type: 'user.signedUp', payload: { userId, email, displayName } });
}
