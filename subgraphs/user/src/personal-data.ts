import {
  deletedWith,
  eventInventory,
  ownedBy,
  subjectInventory,
  type DataInventory,
} from '@tessera/service/personal-data';

/** What user knows about people, and what becomes of it. */
export const userData: DataInventory = {
  ...eventInventory,
  ...subjectInventory,
  tenant_member: {
    columns: { plain: 'tenant_id role is_active is_deactivated changed_at', personal: 'user_id name' },
    tenant: deletedWith('tenant_id'),
    person: deletedWith('user_id'),
  },
  user_profile: {
    columns: {
      plain: 'created_at updated_at',
      personal: 'user_id display_name avatar_file_id locale time_zone preferences',
    },
    person: ownedBy('user_id'),
  },
  notification: {
    columns: {
      plain: 'id tenant_id event_id kind created_at read_at',
      personal: 'user_id subject_id data',
    },
    tenant: deletedWith('tenant_id'),
    person: ownedBy('user_id'),
    mentions: { key: 'subject_id', onErasure: { anonymise: 'subject_id' }, isExported: false },
  },
  picture: {
    columns: { plain: 'file_id tenant_id', personal: 'owner_id' },
    tenant: deletedWith('tenant_id'),
    person: deletedWith('owner_id'),
  },
};
