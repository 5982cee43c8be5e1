import { Migration } from '@mikro-orm/migrations';

/** How much each person stores in a tenant is read from the index alone. */
export class Migration0007FileOwners extends Migration {
  override up(): void {
    this.addSql(`create index file_owner on file (tenant_id, owner_id) include (size_bytes)
      where status in ('PENDING', 'READY')`);
  }
}
