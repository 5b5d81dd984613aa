import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveEvent } from '@otherthing/protocol/live';
import { createLiveClient, type LiveSocket, liveUrl } from './live-client.ts';
import { stepRevision } from './live-revision.ts';

const workspaceId = 'ws-01kawz3c9v5x3r0j8n2q4t6w8y';
const other = 'ws-01kawz3c9v5x3r0j8n2q4t6w8z';

const watching = (revision: number, boot = 'b1', id = workspaceId): LiveEvent => ({
  type: 'watching',
  workspaceId: id,
  boot,
  revision,
});
const changed = (revision: number, boot = 'b1'): LiveEvent => ({
  type: 'changed',
  workspaceId,
  boot,
  revision,
  topics: { jobs: ['job-1'] },
});

test('events that count up by one name what changed', () => {
  const first = stepRevision(undefined, watching(4));
  assert.equal(first.gap, true);
  const second = stepRevision(first.cursor, changed(5));
  assert.deepEqual([second.gap, second.topics, second.cursor?.revision], [false, { jobs: ['job-1'] }, 5]);
});

test('a jump, another boot and another workspace are gaps; repeats and older events are nothing', () => {
  const { cursor } = stepRevision(undefined, watching(4));
  assert.equal(stepRevision(cursor, changed(6)).gap, true);
  assert.equal(stepRevision(cursor, changed(5, 'b2')).gap, true);
  assert.equal(stepRevision(cursor, watching(4, 'b1', other)).gap, true);
  assert.deepEqual(stepRevision(cursor, changed(4)), { cursor, gap: false, topics: {} });
});

test('coming back to the same revision misses nothing', () => {
  const { cursor } = stepRevision(undefined, watching(4));
  assert.equal(stepRevision(cursor, watching(4)).gap, false);
  assert.equal(stepRevision(cursor, watching(9)).gap, true);
});

/** A scripted other end of the socket. */
function stage() {
  const sockets: Array<LiveSocket & { sent: unknown[]; emit(event: unknown): void }> = [];
  const openSocket = () => {
    const sent: unknown[] = [];
    const socket: LiveSocket & { sent: unknown[]; emit(event: unknown): void } = {
      sent,
      send: (text) => sent.push(JSON.parse(text)),
      close: () => undefined,
      onopen: null,
      onmessage: null,
      onclose: null,
      emit: (event) => socket.onmessage?.({ data: JSON.stringify(event) }),
    };
    sockets.push(socket);
    return socket;
  };
  return { sockets, openSocket };
}

function start(t: { after(fn: () => void): void }) {
  const { sockets, openSocket } = stage();
  const log: string[] = [];
  const live = createLiveClient({
    url: liveUrl('http://localhost:8420/'),
    openSocket,
    onChanged: (topics) => log.push(`changed ${Object.keys(topics).join()}`),
    onGap: () => log.push('gap'),
    onState: (state) => log.push(state),
  });
  t.after(() => live.close());
  live.watch(workspaceId);
  return { sockets, log, live };
}

test('watches the workspace on every connect, and reports a gap only when something was missed', async (t) => {
  const { sockets, log, live } = start(t);
  sockets[0]!.onopen?.();
  assert.deepEqual(sockets[0]!.sent, [{ type: 'watch', workspaceId }]);
  sockets[0]!.emit(watching(1));
  sockets[0]!.emit(changed(2));
  sockets[0]!.onclose?.({ code: 1006 });
  live.wake();
  sockets[1]!.onopen?.();
  sockets[1]!.emit(watching(2));
  assert.deepEqual(log, ['connecting', 'live', 'gap', 'changed jobs', 'reconnecting', 'live']);
  sockets[1]!.emit(changed(7));
  assert.equal(log.at(-1), 'gap');
});

test('does not come back when the session is over', (t) => {
  const { sockets, log } = start(t);
  sockets[0]!.onopen?.();
  sockets[0]!.emit(watching(1));
  sockets[0]!.onclose?.({ code: 4010 });
  assert.equal(log.at(-1), 'refused');
  assert.equal(sockets.length, 1);
});

test('events of a workspace that was left are ignored, and unknown events too', (t) => {
  const { sockets, log, live } = start(t);
  sockets[0]!.onopen?.();
  live.watch(other);
  assert.deepEqual(sockets[0]!.sent.at(-1), { type: 'watch', workspaceId: other });
  const before = log.length;
  sockets[0]!.emit(changed(3));
  sockets[0]!.emit({ type: 'weather' });
  assert.equal(log.length, before);
});

test('the address of live events follows the address of the orchestrator', () => {
  assert.equal(liveUrl('https://a.example/'), 'wss://a.example/ws/live');
});
