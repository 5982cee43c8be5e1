import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isService, tenantOwned } from '@tessera/service/tenancy';

/** Which files may be shown as pictures. What profiles refer to already is left as it is; what they will is checked. */
export class Migration0002Pictures extends Migration {
  override up(): void {
    const statements = [
      `create table picture (
        file_id uuid primary key,
        tenant_id uuid not null,
        owner_id uuid not null
      )`,
      ...tenantOwned('picture'),
      createPolicy({ table: 'picture', name: 'service', using: isService }),
      `alter table user_profile add constraint user_profile_avatar
        foreign key (avatar_file_id) references picture (file_id) on delete set null not valid`,
      'create index user_profile_avatar on user_profile (avatar_file_id) where avatar_file_id is not null',
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
