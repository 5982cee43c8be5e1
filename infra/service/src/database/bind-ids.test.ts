import { describe, expect, test } from '@jest/globals';
import { PostgreSqlPlatform, raw } from '@mikro-orm/postgresql';
import { bindIds } from './bind-ids.js';
import { newId } from './id.js';

const platform = new PostgreSqlPlatform();
const [one, other] = [newId(), newId()];

describe('a statement of the ORM', () => {
  test('is the same text whatever ids it looks for, also in lists', () => {
    const sql = 'select * from "file" where "tenant_id" = ? and "id" in (?, ?) and "owner_id" in (?)';

    expect(bindIds(sql, [one, other, one, [one, other]], platform)).toEqual({
      text: 'select * from "file" where "tenant_id" = $1 and "id" in ($2, $3) and "owner_id" in ($4, $5)',
      values: [one, other, one, one, other],
    });
  });

  test('has everything else in its text, as the ORM writes it', () => {
    const values = [
      'READY',
      "it's \\ 50%?",
      21,
      true,
      null,
      new Date(0),
      ['a', 1],
      { a: one },
      raw('now() - ?', [1]),
      7n,
    ];
    const sql = values.map((_, index) => `"column_${index}" = ?`).join(' and ');

    expect(bindIds(sql, values, platform)).toEqual({ text: platform.formatQuery(sql, values), values: [] });
  });

  test('takes names for names, and question marks that are escaped for operators', () => {
    const statement = bindIds('select ?? from t where data \\? ? and id = ?', ['t.id', 'key', one], platform);

    expect(statement).toEqual({ text: `select "t"."id" from t where data ? 'key' and id = $1`, values: [one] });
  });

  test('has a long list of ids in its text', () => {
    const ids = Array.from({ length: 257 }, newId);
    const sql = 'select * from "file" where "id" in (?)';

    expect(bindIds(sql, [ids], platform)).toEqual({ text: platform.formatQuery(sql, [ids]), values: [] });
  });

  test('that has no values is left as it is', () => {
    expect(bindIds(`select '?'`, [], platform)).toEqual({ text: `select '?'`, values: [] });
  });
});
