import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createLocalBus } from './index.ts';

test('tells every listener of a topic after the turn of the publisher, and no other', async () => {
  const bus = createLocalBus();
  const heard: string[] = [];
  bus.subscribe('workspaces.changed', ({ workspaceId }) => heard.push(`1 ${workspaceId}`));
  bus.subscribe('workspaces.changed', ({ workspaceId }) => heard.push(`2 ${workspaceId}`));
  bus.subscribe('access.changed', () => heard.push('other'));
  bus.publish('workspaces.changed', { workspaceId: 'ws' });
  assert.deepEqual(heard, []);
  await turn();
  assert.deepEqual(heard, ['1 ws', '2 ws']);
});

test('an ended subscription hears nothing', async () => {
  const bus = createLocalBus();
  let heard = 0;
  const end = bus.subscribe('access.changed', () => {
    heard += 1;
  });
  end();
  bus.publish('access.changed', { userIds: [] });
  await turn();
  assert.equal(heard, 0);
});
