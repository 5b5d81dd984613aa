import assert from 'node:assert/strict';
import test from 'node:test';
import { manualClock } from '@otherthing/runtime';
import { createRecent } from './recent.ts';

function setup(max = 10) {
  const clock = manualClock();
  const recent = createRecent<{ userId: string }>({
    ttlMs: 1000,
    max,
    clock,
    owner: (value) => value.userId,
  });
  let loads = 0;
  const load = (userId: string) => async () => {
    loads += 1;
    return { userId };
  };
  return { clock, recent, load, loads: () => loads };
}

test('askers at once and within the time share one lookup', async () => {
  const { clock, recent, load, loads } = setup();
  await Promise.all(Array.from({ length: 100 }, () => recent.get('k', load('a'))));
  clock.advance(999);
  await recent.get('k', load('a'));
  assert.equal(loads(), 1);
  clock.advance(1);
  await recent.get('k', load('a'));
  assert.equal(loads(), 2);
});

test('forgetting a person forgets theirs and nobody elses', async () => {
  const { recent, load, loads } = setup();
  await recent.get('a', load('a'));
  await recent.get('b', load('b'));
  recent.forget(new Set(['a']));
  await recent.get('b', load('b'));
  assert.equal(loads(), 2);
  await recent.get('a', load('a'));
  assert.equal(loads(), 3);
});

test('a lookup under way while somebody is forgotten is not remembered', async () => {
  const { recent, load, loads } = setup();
  let finish = () => {};
  const slow = recent.get(
    'a',
    () =>
      new Promise((resolve) => {
        finish = () => resolve({ userId: 'a' });
      }),
  );
  recent.forget(new Set(['a']));
  finish();
  await slow;
  await recent.get('a', load('a'));
  assert.equal(loads(), 1);
});

test('a failed lookup is not remembered', async () => {
  const { recent, load } = setup();
  await assert.rejects(
    recent.get('a', () => Promise.reject(new Error('away'))),
    /away/,
  );
  assert.deepEqual(await recent.get('a', load('a')), { userId: 'a' });
});

test('a late failure does not throw away a newer answer', async () => {
  const { clock, recent, load, loads } = setup();
  let fail = () => {};
  const slow = recent.get(
    'a',
    () =>
      new Promise((_resolve, reject) => {
        fail = () => reject(new Error('late'));
      }),
  );
  clock.advance(1000);
  await recent.get('a', load('a'));
  fail();
  await assert.rejects(slow, /late/);
  await recent.get('a', load('a'));
  assert.equal(loads(), 1);
});

test('holds no more than its bound', async () => {
  const { recent, load, loads } = setup(3);
  for (const key of ['1', '2', '3', '4']) await recent.get(key, load(key));
  await recent.get('4', load('4'));
  assert.equal(loads(), 4);
  await recent.get('1', load('1'));
  assert.equal(loads(), 5);
});
