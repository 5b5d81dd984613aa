import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { ShareKey } from '@otherthing/protocol/ids';
import { AccessTokenText } from '@otherthing/protocol/tokens';
import { checksum, hasChecksum, hashToken, randomText, shareKey } from './token-text.ts';

const token = () => {
  const body = `ot_${randomText(40)}`;
  return `${body}_${checksum(body)}`;
};

test('a token made of random text and checksum has the form of the contract', () => {
  for (let i = 0; i < 200; i += 1) {
    const text = token();
    assert.equal(AccessTokenText.safeParse(text).success, true, text);
    assert.equal(hasChecksum(text), true);
  }
});

test('one wrong character anywhere is noticed', () => {
  const text = token();
  for (let i = 3; i < text.length; i += 1) {
    if (text[i] === '_') continue;
    const wrong = `${text.slice(0, i)}${text[i] === 'a' ? 'b' : 'a'}${text.slice(i + 1)}`;
    assert.equal(hasChecksum(wrong), false, wrong);
  }
});

test('texts without a checksum have none', () => {
  for (const text of ['', '_', 'abc', '_abc', 'ot_']) assert.equal(hasChecksum(text), false, text);
});

test('random texts differ and use the whole alphabet', () => {
  const texts = new Set(Array.from({ length: 500 }, () => randomText(40)));
  assert.equal(texts.size, 500);
  assert.equal(new Set([...texts].join('')).size, 36);
});

test('a token is stored as its sha256', () => {
  assert.deepEqual(hashToken('abc'), createHash('sha256').update('abc').digest());
});

test('share keys have the form that people may type', () => {
  for (let i = 0; i < 100; i += 1) assert.equal(ShareKey.safeParse(shareKey()).success, true);
});
