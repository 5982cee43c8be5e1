import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { ImportAccountsInput, ImportedAccountType } from './account-import.type.js';

@Resolver()
export class AccountImportResolver {
  @ListCost(100)
  @Mutation(() => [ImportedAccountType], {
    description:
      'Makes accounts of people whom another system has known; they sign in with the passwords that they have. Repeating it changes nothing. For platform administrators, after a recent authentication.',
  })
  async importAccounts(
    @Ctx() context: AuthContext,
    @Arg('input', () => ImportAccountsInput) input: ImportAccountsInput,
  ): Promise<ImportedAccountType[]> {
    const imported = await context.services.accountImports.run(context, input);
    return imported.map((account) => Object.assign(new ImportedAccountType(), account));
  }
}
