import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HOUR, type ManualClock, manualClock } from '@otherthing/runtime';
import { createKeyring, type Keyring } from '../platform/crypto/index.ts';
import { createTransferTokens, type TransferTokens } from './transfer-token.ts';

let folder: string;
let keyring: Keyring;
let clock: ManualClock;
let tokens: TransferTokens;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ot-transfer-'));
  keyring = await createKeyring(join(folder, 'master.key'));
  clock = manualClock();
  tokens = createTransferTokens({ keyring, clock });
});
after(() => rm(folder, { recursive: true }));

const claims = () => ({
  workspaceId: 'ws-01kawz3c9v5x3r0j8n2q4t6w8y',
  jobId: 'job-01kawz3c9v5x3r0j8n2q4t6w8y',
  epoch: 3,
  nodeId: 'node-0123456789abcdefghjkmnpq',
  expiresAt: clock.now() + HOUR,
});

test('the claims come back as they were given', () => {
  const token = tokens.issueTransferToken(claims());
  assert.match(token, /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(tokens.transfer(token), claims());
});

test('an expired token is refused', () => {
  const token = tokens.issueTransferToken(claims());
  clock.advance(HOUR - 1);
  tokens.transfer(token);
  clock.advance(1);
  assert.throws(() => tokens.transfer(token), { code: 'unauthorized' });
});

test('one changed character anywhere is refused', () => {
  const token = tokens.issueTransferToken(claims());
  for (let i = 0; i < token.length; i += 1) {
    const wrong = `${token.slice(0, i)}${token[i] === 'A' ? 'B' : 'A'}${token.slice(i + 1)}`;
    assert.throws(() => tokens.transfer(wrong), { code: 'unauthorized' }, `character ${i}`);
  }
});

test('claims signed for another purpose or by another key are refused', async () => {
  const body = Buffer.from(JSON.stringify(claims())).toString('base64url');
  const elsewhere = await createKeyring(join(folder, 'other.key'));
  for (const signature of [keyring.sign(body, 'session cookies'), elsewhere.sign(body, 'transfer'), ''])
    assert.throws(() => tokens.transfer(`${body}.${signature}`), { code: 'unauthorized' });
});

test('nonsense is refused the same way', () => {
  for (const text of ['', '.', 'a', 'a.b', '.a', `${'a'.repeat(5000)}.b`, 'ot_x', '{}.{}'])
    assert.throws(() => tokens.transfer(text), { code: 'unauthorized' }, text.slice(0, 20));
});
