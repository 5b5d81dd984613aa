import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { createIdentity } from './identity.ts';
import { createKeyring } from './keyring.ts';

test('others verify its signatures by the public key alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ot-identity-'));
  t.after(() => rm(folder, { recursive: true }));
  const identity = createIdentity(await createKeyring(join(folder, 'master.key')));
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: identity.publicKey }, format: 'jwk' });
  const signature = Buffer.from(identity.sign('hello'), 'base64url');
  assert.equal(verify(null, Buffer.from('hello'), key, signature), true);
  assert.equal(verify(null, Buffer.from('hallo'), key, signature), false);
});
