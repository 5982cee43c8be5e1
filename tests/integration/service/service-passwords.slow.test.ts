import { expect, test } from '@jest/globals';
import { withClient } from '@tessera/service/database';
import { startPlatformProcess } from '../../support/platform-process.js';
import { startPostgresServer } from '../../support/postgres-server.js';

test('a service whose role has a password of its own is not entered with the common one, nor others with that', async () => {
  const postgres = await startPostgresServer();
  try {
    const [common, own] = ['the-common-password-of-all-services', 'the-password-of-storage-alone-1234'];
    const migration = startPlatformProcess('infra/local/dist/migrate.js', ['storage', 'analytics'], {
      ADMIN_DATABASE_URL: postgres.adminUrl,
      SERVICE_DATABASE_PASSWORD: common,
      SERVICE_DATABASE_PASSWORD_STORAGE: own,
      SERVICE_DATABASE_PASSWORD_ANALYTICS: '',
    });
    expect(await migration.ended).toMatchObject({ code: 0 });
    const enter = async (service: string, password: string) => {
      const url = new URL(postgres.adminUrl);
      Object.assign(url, { username: `tessera_${service}`, password, pathname: `/tessera_${service}` });
      return withClient(url.href, (client) => client.query('select 1')).then(
        () => 'entered',
        ({ code }: { readonly code?: string }) => code,
      );
    };

    expect([await enter('storage', own), await enter('storage', common)]).toEqual(['entered', '28P01']);
    expect([await enter('analytics', common), await enter('analytics', own)]).toEqual(['entered', '28P01']);
  } finally {
    await postgres.stop();
  }
}, 90_000);
