import { expect, test } from '@jest/globals';
import { accessTokenAlgorithms } from '@tessera/service/identity';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { createSeal } from '../keys/seal.js';
import { generateSigningKey, openSigningKey } from '../keys/signing-key.js';
import { signToken } from './sign-token.js';

test.each(accessTokenAlgorithms)(
  'a token signed with %s verifies by the published key, and says by which',
  async (alg) => {
    const vault = createSeal(['a secret that seals keys in this test']);
    const createdAt = new Date();
    const entity = await generateSigningKey(vault, { algorithm: alg, createdAt, signsFrom: createdAt });

    const token = signToken(await openSigningKey(vault, entity), 'at+jwt', { sub: 'somebody' });

    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys: [entity.publicJwk] }));
    expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: entity.id });
    expect(payload).toEqual({ sub: 'somebody' });
    expect(entity.publicJwk).not.toHaveProperty('d');
  },
);
