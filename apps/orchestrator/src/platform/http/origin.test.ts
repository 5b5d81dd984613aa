import assert from 'node:assert/strict';
import test from 'node:test';
import { createOriginPolicy } from './origin.ts';

const local = createOriginPolicy({ publicUrl: undefined, listen: '127.0.0.1' });
const published = createOriginPolicy({ publicUrl: 'https://things.example.org', listen: '0.0.0.0' });

test('loopback and literal addresses are ours, other names are not', () => {
  for (const host of ['localhost', 'localhost:8420', '127.0.0.1:8420', '[::1]:8420', '192.168.1.7:8420'])
    assert.equal(local.hostAllowed(host), true, host);
  for (const host of ['evil.example', 'localhost.evil.example', 'things.example.org', '', undefined, 'a b'])
    assert.equal(local.hostAllowed(host), false, String(host));
});

test('the public name is ours once OTHERTHING_URL says so', () => {
  assert.equal(published.hostAllowed('things.example.org'), true);
  assert.equal(published.hostAllowed('THINGS.example.org:443'), true);
  assert.equal(published.hostAllowed('things.example.org.evil.example'), false);
});

test('an origin is ours when it is the address of the request itself', () => {
  assert.equal(local.originAllowed('http://localhost:8420', 'localhost:8420'), true);
  assert.equal(local.originAllowed('https://localhost:8420', 'localhost:8420'), true);
  assert.equal(local.originAllowed('http://[::1]:8420', '[::1]:8420'), true);
});

test('other ports, other sites, null and nothing are not ours', () => {
  for (const origin of ['http://localhost:3000', 'http://evil.example', 'null', '', undefined])
    assert.equal(local.originAllowed(origin, 'localhost:8420'), false, String(origin));
});

test('a page whose own name resolves to us is refused', () => {
  assert.equal(local.originAllowed('http://evil.example', 'evil.example'), false);
});

test('the public origin is ours behind a proxy that rewrites Host', () => {
  assert.equal(published.originAllowed('https://things.example.org', 'localhost:8420'), true);
  assert.equal(published.originAllowed('http://things.example.org', 'localhost:8420'), false);
});
