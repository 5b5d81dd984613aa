import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createIdentity } from './identity.ts';
import { createKeyring } from './keyring.ts';

async function keyFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ot-keyring-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'keys', 'master.key');
}

test('opens what it sealed, also after a restart', async (t) => {
  const file = await keyFile(t);
  const sealed = (await createKeyring(file)).seal('a secret', 'swarm-key:ws-1');
  assert.equal((await createKeyring(file)).open(sealed, 'swarm-key:ws-1').toString(), 'a secret');
  assert(!sealed.includes('a secret'));
});

test('the key file is readable by its owner only, and no other file is left', async (t) => {
  const file = await keyFile(t);
  await createKeyring(file);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await stat(dirname(file))).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(dirname(file)), ['master.key']);
});

test('sealing the same twice gives different bytes', async (t) => {
  const keyring = await createKeyring(await keyFile(t));
  assert.notDeepEqual(keyring.seal('x', 'c'), keyring.seal('x', 'c'));
});

test('a sealed value moved to another owner does not open', async (t) => {
  const keyring = await createKeyring(await keyFile(t));
  const sealed = keyring.seal('x', 'swarm-key:ws-1');
  assert.throws(() => keyring.open(sealed, 'swarm-key:ws-2'));
});

test('one changed bit anywhere keeps a value shut', async (t) => {
  const keyring = await createKeyring(await keyFile(t));
  const sealed = keyring.seal('secret', 'c');
  for (let i = 0; i < sealed.length; i += 1) {
    const changed = Buffer.from(sealed);
    changed[i] = changed[i]! ^ 1;
    assert.throws(() => keyring.open(changed, 'c'), `byte ${i}`);
  }
  assert.throws(() => keyring.open(sealed.subarray(0, 32), 'c'));
  assert.throws(() => keyring.open(Buffer.alloc(0), 'c'));
});

test('after a rotation the new key seals and the old one still opens and verifies', async (t) => {
  const file = await keyFile(t);
  const before = await createKeyring(file);
  const sealed = before.seal('old', 'c');
  const signature = before.sign('text', 'p');
  await writeFile(file, `${await readFile(file, 'utf8')}2 ${randomBytes(32).toString('hex')}\n`);
  const after = await createKeyring(file);
  assert.equal(after.open(sealed, 'c').toString(), 'old');
  assert.equal(after.verify('text', { purpose: 'p', signature }), true);
  const fresh = after.seal('new', 'c');
  assert.equal(fresh.readUInt32BE(1), 2);
  assert.throws(() => before.open(fresh, 'c'), /version 2/);
});

test('a signature counts for its text and purpose only', async (t) => {
  const keyring = await createKeyring(await keyFile(t));
  const signature = keyring.sign('text', 'a');
  assert.equal(keyring.verify('text', { purpose: 'a', signature }), true);
  assert.equal(keyring.verify('text', { purpose: 'b', signature }), false);
  assert.equal(keyring.verify('Text', { purpose: 'a', signature }), false);
  assert.equal(keyring.verify('text', { purpose: 'a', signature: '' }), false);
  assert.equal(keyring.verify('text', { purpose: 'a', signature: `${signature}x` }), false);
});

test('processes that start at once end up with one key', async (t) => {
  const file = await keyFile(t);
  const rings = await Promise.all(Array.from({ length: 8 }, () => createKeyring(file)));
  assert.equal(new Set(rings.map((ring) => ring.sign('x', 'p'))).size, 1);
});

test('a damaged key file stops the start and is not overwritten', async (t) => {
  const file = await keyFile(t);
  await createKeyring(file);
  for (const text of ['1 abc\n', 'hello\n', '\n']) {
    await writeFile(file, text);
    await assert.rejects(createKeyring(file), /master\.key/);
    assert.equal(await readFile(file, 'utf8'), text);
  }
});

test('the identity of the orchestrator stays the same and is another with another key', async (t) => {
  const file = await keyFile(t);
  const first = createIdentity(await createKeyring(file));
  const again = createIdentity(await createKeyring(file));
  const other = createIdentity(await createKeyring(await keyFile(t)));
  assert.equal(first.publicKey, again.publicKey);
  assert.notEqual(first.publicKey, other.publicKey);
  assert.match(first.publicKey, /^[A-Za-z0-9_-]{43}$/);
});
