import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeNext } from './next.ts';

test('goes on to pages of this dashboard only', () => {
  assert.equal(safeNext('/w/ws-1/jobs?q=state%3Afailed'), '/w/ws-1/jobs?q=state%3Afailed');
  for (const bad of [
    undefined,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/sign-in?next=/',
  ]) {
    assert.equal(safeNext(bad), '/');
  }
});
