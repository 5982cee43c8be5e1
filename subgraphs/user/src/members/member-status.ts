import { registerEnumType } from 'type-graphql';

export const MembershipStatusEnum = { ACTIVE: 'ACTIVE', DEACTIVATED: 'DEACTIVATED' } as const;

/** The tenant subgraph has the same enum, and the truth of it. */
export type MembershipStatus = keyof typeof MembershipStatusEnum;

registerEnumType(MembershipStatusEnum, {
  name: 'MembershipStatus',
  description: 'Whether a member is in the tenant.',
  valuesConfig: {
    ACTIVE: { description: 'The member is in it.' },
    DEACTIVATED: {
      description: 'An administrator has locked the member out, who keeps data and role and takes no seat.',
    },
  },
});
