import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor, redactJson, redactText } from './redact.ts';

function inChunks(secrets: Record<string, string>, text: string, size: number): string {
  const redactor = createRedactor(secrets);
  if (!redactor) return text;
  const bytes = Buffer.from(text);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(redactor.push(bytes.subarray(at, at + size)));
  parts.push(redactor.flush());
  return Buffer.concat(parts).toString();
}

test('hides a value however it is split', () => {
  const secrets = { KEY: 'correct horse battery' };
  const text = 'a correct horse battery b correct horse c correct horse battery';
  for (let size = 1; size <= text.length; size += 1)
    assert.equal(inChunks(secrets, text, size), 'a *** b correct horse c ***', `chunks of ${size}`);
});

test('hides a long value that holds a short one, however it is split', () => {
  const secrets = { USER: 'admin', URL: 'postgres://admin:hunter22@db' };
  const text = 'x postgres://admin:hunter22@db y admin z postgres://admin:other';
  for (let size = 1; size <= text.length; size += 1)
    assert.equal(inChunks(secrets, text, size), 'x *** y *** z postgres://***:other', `chunks of ${size}`);
});

test('hides values beside each other, repeated starts and values at the very end', () => {
  for (let size = 1; size <= 12; size += 1) {
    assert.equal(inChunks({ A: 'aaab' }, 'aaaaab aaabaaab aaa', size), 'aa*** ****** aaa');
    assert.equal(inChunks({ A: 'ab\ncd' }, 'ab\ncd', size), '***');
  }
});

test('hides UTF-8 values split inside a character', () => {
  for (let size = 1; size <= 8; size += 1)
    assert.equal(inChunks({ A: 'пароль' }, 'x пароль y', size), 'x *** y');
});

test('leaves short values alone, and costs nothing without secrets', () => {
  assert.equal(createRedactor({ A: 'abc', B: '' }), undefined);
  assert.equal(inChunks({ A: 'abc' }, 'abc abcd', 2), 'abc abcd');
});

test('hides values in sentences and in JSON, names too', () => {
  const secrets = { A: 'hunter22' };
  assert.equal(redactText('password hunter22 is wrong', secrets), 'password *** is wrong');
  assert.deepEqual(redactJson({ hunter22: ['x hunter22', 1, null, { a: 'hunter22' }] }, secrets), {
    '***': ['x ***', 1, null, { a: '***' }],
  });
});
