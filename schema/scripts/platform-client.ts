import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseManifest } from '@tessera/service/operations';
import { z } from 'zod';
import { repositoryRoot } from './repository.js';

/** What these scripts send is registered as well, or a gateway that lets nothing else run could not be told anything. */
const ownManifest = resolve(repositoryRoot, 'schema/operations/tessera-cli.json');
const timeoutMs = 60_000;

/** What these scripts call themselves. */
export const ownClientName = 'tessera-cli';

/** Who asks: an access token, or an address and a password. */
export const credentialsUsage = `Who asks needs the role SUPER_ADMIN: TESSERA_TOKEN is an access token, or TESSERA_EMAIL and
  TESSERA_PASSWORD sign in.`;

const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});
const signedInSchema = z.object({ signIn: z.object({ tokens: z.object({ accessToken: z.string() }) }) });

/** Runs one of the registered operations, by its name. @throws Error with the messages of an answer with errors */
export type SendOperation = (name: string, variables: object) => Promise<unknown>;

/**
 * Signs in at a running platform, as the environment says.
 *
 * @param url its GraphQL endpoint
 * @throws Error where there are no credentials, or they are not right
 */
export async function openPlatform(url: string, environment: NodeJS.ProcessEnv): Promise<SendOperation> {
  const { operations } = await parseManifest(await readFile(ownManifest, 'utf8'));
  const sendAs =
    (token: string | undefined): SendOperation =>
    async (name, variables) => {
      const operation = operations.find((candidate) => candidate.name === name);
      const response = await reach(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'apollographql-client-name': ownClientName,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ documentId: operation?.id, query: operation?.body, operationName: name, variables }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const { data, errors = [] } = answerSchema.parse(await response.json());
      if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
      return data;
    };
  const { TESSERA_TOKEN: token, TESSERA_EMAIL: email, TESSERA_PASSWORD: password } = environment;
  if (token !== undefined) return sendAs(token);
  if (email === undefined || password === undefined) throw new Error(credentialsUsage);
  const { signIn } = signedInSchema.parse(await sendAs(undefined)('SignIn', { input: { email, password } }));
  return sendAs(signIn.tokens.accessToken);
}

/** @throws Error that says where nothing answers, and why */
async function reach(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Error(`No platform answers at ${url}: ${reason}. Another one: --url http://HOST:PORT/graphql`, {
      cause: error,
    });
  }
}
