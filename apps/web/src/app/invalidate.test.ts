import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRefresher, isStale, mergeTopics, type Topics } from './invalidate.ts';

test('an event makes the lists of its topic stale, and only the details it names', () => {
  const topics = { jobs: ['job-1'] };
  assert.equal(isStale(['ws-1', 'jobs', 'list', {}], 'ws-1', topics), true);
  assert.equal(isStale(['ws-1', 'jobs', 'detail', 'job-1'], 'ws-1', topics), true);
  assert.equal(isStale(['ws-1', 'jobs', 'detail', 'job-2'], 'ws-1', topics), false);
  assert.equal(isStale(['ws-1', 'jobs', 'detail', 'job-2'], 'ws-1', { jobs: 'many' }), true);
  assert.equal(isStale(['ws-2', 'jobs', 'list', {}], 'ws-1', topics), false);
});

test('jobs change what is in use on nodes; workspaces have no scope', () => {
  assert.equal(isStale(['ws-1', 'nodes', 'summary'], 'ws-1', { jobs: ['job-1'] }), true);
  assert.equal(isStale(['ws-1', 'nodes', 'detail', 'n'], 'ws-1', { jobs: ['job-1'] }), false);
  assert.equal(isStale(['me', 'workspaces'], 'ws-1', { workspaces: ['ws-9'] }), true);
});

test('merged events name every id once', () => {
  assert.deepEqual(mergeTopics({ jobs: ['a', 'b'] }, { jobs: ['b', 'c'], nodes: 'many' }), {
    jobs: ['a', 'b', 'c'],
    nodes: 'many',
  });
  assert.deepEqual(mergeTopics({ jobs: 'many' }, { jobs: ['x'] }), { jobs: 'many' });
});

test('a storm of changes is carried one read at a time, none lost, also after a failed read', async () => {
  const carried: Array<Topics | 'all'> = [];
  let running = 0;
  let done: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    done = resolve;
  });
  const refresh = createRefresher(async (topics) => {
    assert.equal(running, 0);
    running += 1;
    carried.push(topics);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    if (carried.length === 1) throw new Error('the server is away');
    if (topics === 'all') done();
  }, 1);
  for (let i = 0; i < 50; i += 1) refresh({ jobs: [`job-${i}`] });
  setTimeout(() => refresh('all'), 12);
  await finished;
  assert.deepEqual(carried[0], { jobs: ['job-0'] });
  assert.equal((carried[1] as { jobs: string[] }).jobs.length, 49);
  assert.equal(carried.at(-1), 'all');
});
