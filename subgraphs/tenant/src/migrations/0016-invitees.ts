import { Migration } from '@mikro-orm/migrations';
import { createPolicy, isOwnUser, isService } from '@tessera/service/tenancy';

/** Whom an invitation turned out to be for, so that their address goes from the tenant's records when they are erased. */
export class Migration0016Invitees extends Migration {
  override up(): void {
    const statements = [
      'alter table invitation add column invitee_id uuid',
      'create index invitation_invitee on invitation (invitee_id) where invitee_id is not null',
      createPolicy({
        table: 'invitation',
        name: 'forget_invitee',
        command: 'delete',
        using: `${isService} and ${isOwnUser('invitee_id')}`,
      }),
    ];
    for (const statement of statements) this.addSql(statement);
  }
}
