import { byEverybody, byNobody, ofOneself } from './field-case.js';
import type { FieldCase } from './field-case.js';

const tokens = 'accessToken refreshToken expiresIn';

/** Of whoever is signed in, who is refused with a code. */
const refusedToOneself = (code: string): FieldCase['verdicts'] => ({ ...byNobody(code), anonymous: 'UNAUTHENTICATED' });

const secondFactorFields: Readonly<Record<string, FieldCase>> = {
  'Query.mfaStatus': {
    kind: 'query',
    operation: '{ mfaStatus { isTotpEnabled recoveryCodesLeft } }',
    isRevealing: false,
    verdicts: ofOneself,
  },
  'Mutation.verifyMfa': {
    kind: 'mutation',
    operation: `mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { user { id } tokens { ${tokens} } } }`,
    variables: () => ({ input: { challengeId: 'of-no-sign-in', code: '123456' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
  'Mutation.enrollTotp': {
    kind: 'mutation',
    operation: 'mutation { enrollTotp { secret uri } }',
    // Addresses of the people of these tests are not proven.
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.confirmTotp': {
    kind: 'mutation',
    operation: 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }',
    variables: () => ({ input: { code: '123456' } }),
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.disableTotp': {
    kind: 'mutation',
    operation: 'mutation { disableTotp }',
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.regenerateRecoveryCodes': {
    kind: 'mutation',
    operation: 'mutation { regenerateRecoveryCodes { codes } }',
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.reauthenticate': {
    kind: 'mutation',
    operation: 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }',
    variables: () => ({ input: { password: 'not the password' } }),
    verdicts: refusedToOneself('FORBIDDEN'),
  },
};

/** Everything below a sign-in's result. */
const signInResult = `... on SignedIn { user { id } tokens { ${tokens} } } ... on MfaRequired { challengeId expiresAt }`;

const emailSignInFields: Readonly<Record<string, FieldCase>> = {
  'Mutation.requestSignInCode': {
    kind: 'mutation',
    operation: `mutation ($input: RequestSignInCodeInput!) {
      requestSignInCode(input: $input) { challengeId expiresAt }
    }`,
    variables: ({ adminEmail }) => ({ input: { email: adminEmail } }),
    verdicts: byEverybody,
  },
  'Mutation.signInWithCode': {
    kind: 'mutation',
    operation: `mutation ($input: SignInWithCodeInput!) { signInWithCode(input: $input) { ${signInResult} } }`,
    variables: () => ({ input: { challengeId: 'of-no-request', code: '123456' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
  'Mutation.signInWithLink': {
    kind: 'mutation',
    operation: `mutation ($input: SignInWithLinkInput!) { signInWithLink(input: $input) { ${signInResult} } }`,
    variables: () => ({ input: { token: 'of-no-mail' } }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
};

const flow = 'flowId authorizationUrl expiresAt';
const identity = 'id providerId email createdAt lastUsedAt';
const noFlow = { flowId: 'of-no-flow', callbackUrl: 'http://localhost/callback' };

const oidcFields: Readonly<Record<string, FieldCase>> = {
  'Query.oidcProviders': {
    kind: 'query',
    operation: '{ oidcProviders { id name } }',
    isRevealing: false,
    verdicts: byEverybody,
  },
  'Query.identities': {
    kind: 'query',
    operation: `{ identities { ${identity} } }`,
    isRevealing: false,
    verdicts: ofOneself,
  },
  'Mutation.startOidcSignIn': {
    kind: 'mutation',
    operation: `mutation ($input: StartOidcInput!) { startOidcSignIn(input: $input) { ${flow} } }`,
    variables: () => ({ input: { providerId: 'none', redirectUri: 'http://localhost/callback' } }),
    verdicts: byNobody('BAD_USER_INPUT'),
  },
  'Mutation.completeOidcSignIn': {
    kind: 'mutation',
    operation: `mutation ($input: CompleteOidcInput!) { completeOidcSignIn(input: $input) { ${signInResult} } }`,
    variables: () => ({ input: noFlow }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
  'Mutation.startOidcLink': {
    kind: 'mutation',
    operation: `mutation ($input: StartOidcInput!) { startOidcLink(input: $input) { ${flow} } }`,
    variables: () => ({ input: { providerId: 'none', redirectUri: 'http://localhost/callback' } }),
    verdicts: refusedToOneself('BAD_USER_INPUT'),
  },
  'Mutation.completeOidcLink': {
    kind: 'mutation',
    operation: `mutation ($input: CompleteOidcInput!) { completeOidcLink(input: $input) { ${identity} } }`,
    variables: () => ({ input: noFlow }),
    verdicts: refusedToOneself('UNAUTHENTICATED'),
  },
  'Mutation.unlinkIdentity': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { unlinkIdentity(id: $id) }',
    variables: ({ adminId }) => ({ id: adminId }),
    // Addresses of the people of these tests are not proven.
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
};

const passkey = 'id name isBackedUp createdAt lastUsedAt';
const ceremony = 'ceremonyId options expiresAt';
const credential = { id: 'eA', rawId: 'eA', type: 'public-key' };

const passkeyFields: Readonly<Record<string, FieldCase>> = {
  'Query.passkeys': {
    kind: 'query',
    operation: `{ passkeys { ${passkey} } }`,
    isRevealing: false,
    verdicts: ofOneself,
  },
  'Mutation.startPasskeyRegistration': {
    kind: 'mutation',
    operation: `mutation { startPasskeyRegistration { ${ceremony} } }`,
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.completePasskeyRegistration': {
    kind: 'mutation',
    operation: `mutation ($input: CompletePasskeyRegistrationInput!) {
      completePasskeyRegistration(input: $input) { ${passkey} }
    }`,
    variables: () => ({
      input: {
        ceremonyId: 'of-no-question',
        name: 'Key',
        response: { ...credential, response: { clientDataJSON: 'eA', attestationObject: 'eA' } },
      },
    }),
    verdicts: refusedToOneself('BAD_USER_INPUT'),
  },
  'Mutation.removePasskey': {
    kind: 'mutation',
    operation: 'mutation ($id: ID!) { removePasskey(id: $id) }',
    variables: ({ adminId }) => ({ id: adminId }),
    verdicts: refusedToOneself('PRECONDITION_FAILED'),
  },
  'Mutation.startPasskeySignIn': {
    kind: 'mutation',
    operation: `mutation ($input: StartPasskeySignInInput!) { startPasskeySignIn(input: $input) { ${ceremony} } }`,
    variables: ({ adminEmail }) => ({ input: { email: adminEmail } }),
    verdicts: byEverybody,
  },
  'Mutation.completePasskeySignIn': {
    kind: 'mutation',
    operation: `mutation ($input: CompletePasskeySignInInput!) {
      completePasskeySignIn(input: $input) { ${signInResult} }
    }`,
    variables: () => ({
      input: {
        ceremonyId: 'of-no-question',
        response: {
          ...credential,
          response: { clientDataJSON: 'eA', authenticatorData: 'eA', signature: 'eA', userHandle: 'eA' },
        },
      },
    }),
    verdicts: byNobody('UNAUTHENTICATED'),
  },
};

const emailChangeFields: Readonly<Record<string, FieldCase>> = {
  'Mutation.requestEmailChange': {
    kind: 'mutation',
    operation: 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }',
    variables: ({ memberEmail }) => ({ input: { newEmail: `not.${memberEmail}` } }),
    // A session older than fifteen minutes is asked for another proof.
    usesUpSession: true,
    verdicts: ofOneself,
  },
  'Mutation.confirmEmailChange': {
    kind: 'mutation',
    operation: 'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete } }',
    variables: () => ({ input: { token: 'of-no-mail' } }),
    verdicts: byNobody('BAD_USER_INPUT'),
  },
};

export const waysInFields: Readonly<Record<string, FieldCase>> = {
  ...secondFactorFields,
  ...emailSignInFields,
  ...oidcFields,
  ...passkeyFields,
  ...emailChangeFields,
};
