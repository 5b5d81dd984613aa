import assert from 'node:assert/strict';
import test from 'node:test';
import { addressKey, visitor } from './visitor.ts';

test('what a client says of itself is cut and cleaned', () => {
  assert.equal(visitor('::1', 'a\nb\u202e').client, 'ab');
  assert.equal(visitor('::1', 'x'.repeat(500)).client.length, 200);
  assert.equal(visitor('::1', undefined).client, '');
});

test('IPv4 addresses count one by one', () => {
  assert.equal(addressKey('192.0.2.1'), '192.0.2.1');
  assert.notEqual(addressKey('::ffff:192.0.2.1'), addressKey('::ffff:192.0.2.2'));
});

test('IPv6 addresses of one /64 count together, others do not', () => {
  const key = addressKey('2001:db8:1:2:3:4:5:6');
  assert.equal(key, '2001:db8:1:2');
  assert.equal(addressKey('2001:db8:1:2::9'), key);
  assert.notEqual(addressKey('2001:db8:1:3::9'), key);
  assert.equal(addressKey('2001:db8::1'), '2001:db8:0:0');
  assert.equal(addressKey('::1'), '0:0:0:0');
});
