import {
  deletedWith,
  eventInventory,
  idOfNobody,
  kept,
  ownedBy,
  subjectInventory,
  type DataInventory,
} from '@tessera/service/personal-data';

/** What storage knows about tenants and people, and what becomes of it. The objects of files go with their rows. */
export const storageData: DataInventory = {
  ...eventInventory,
  ...subjectInventory,
  file: {
    columns: {
      plain: 'id tenant_id bucket content_type size_bytes sha256 status created_at upload_expires_at removal_due_at',
      personal: 'owner_id name',
    },
    tenant: ownedBy('tenant_id'),
    person: kept('owner_id', idOfNobody),
  },
  data_export: {
    columns: {
      plain: 'id kind created_at position moved_at completed_at failure expires_at size_bytes',
      personal: 'subject_id requested_by',
    },
    tenant: deletedWith('subject_id'),
    person: deletedWith('subject_id'),
  },
  quota_warning: {
    columns: { plain: 'tenant_id month quota percent warned_at' },
    tenant: ownedBy('tenant_id'),
  },
  tenant_networks: { columns: { plain: 'tenant_id version networks' }, tenant: ownedBy('tenant_id') },
  storage_usage: {
    columns: { plain: 'tenant_id bytes files quota_bytes plan_quota_bytes limits_version' },
    tenant: ownedBy('tenant_id'),
  },
};
