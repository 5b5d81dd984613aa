import assert from 'node:assert/strict';
import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newId } from '@otherthing/protocol/ids';
import { silentLogger } from '@otherthing/runtime';
import { temporaryFolder } from '../testing/agent-fixture.ts';
import { type Draft, type Outbox, openOutbox } from './index.ts';

const NODE = 'node-aaaaaaaaaaaaaaaaaaaaaaaa';
const open = (folder: string, nodeId = NODE): Promise<Outbox> =>
  openOutbox({ folder, nodeId, logger: silentLogger, reserveBytes: 4096 });

function draft(epoch = 1, jobId = newId('job')): Draft {
  return {
    job_id: jobId,
    epoch,
    state: 'succeeded',
    ended_at: new Date().toISOString(),
    exit_code: 0,
    artifacts: [],
    skipped: [],
    output_bytes: 0,
    output_cut_bytes: 0,
  };
}

test('outcomes survive in order, numbered anew under a new id, until they are acknowledged', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await open(folder);
  const drafts = [draft(), draft(), draft()];
  await Promise.all(drafts.map((entry) => first.post(entry)));
  await first.acknowledge(first.id, 1);
  await first.close();
  const second = await open(folder);
  assert.notEqual(second.id, first.id);
  assert.deepEqual(
    second.sendable(0).map((outcome) => [outcome.seq, outcome.job_id]),
    [
      [1, drafts[1]?.job_id],
      [2, drafts[2]?.job_id],
    ],
  );
  assert.equal(second.nextSeq, 3);
  await second.close();
});

test('an acknowledgement for another outbox changes nothing', async (t) => {
  const outbox = await open(await temporaryFolder(t));
  await outbox.post(draft());
  assert.deepEqual(await outbox.acknowledge('outbox-of-somebody-else', 10), []);
  assert.equal(outbox.pendingCount, 1);
  await outbox.close();
});

test('a torn end is cut off, whatever byte the power went at', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log');
  const outbox = await open(folder);
  await outbox.post(draft());
  const whole = (await stat(path)).size;
  await outbox.post(draft());
  await outbox.close();
  const bytes = await readFile(path);
  for (const length of [whole + 1, whole + 7, whole + 8, whole + 50, bytes.length - 1]) {
    await writeFile(path, bytes.subarray(0, length));
    const again = await open(folder);
    assert.equal(again.pendingCount, 1, `cut at ${length}`);
    await again.post(draft());
    await again.close();
    const after = await open(folder);
    assert.equal(after.pendingCount, 2, `what follows a cut at ${length} is kept`);
    await after.close();
  }
});

test('a damaged record ends the log there instead of being believed', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'log');
  const outbox = await open(folder);
  await outbox.post(draft());
  const whole = (await stat(path)).size;
  await outbox.post(draft());
  await outbox.close();
  const bytes = await readFile(path);
  bytes[whole + 20] = (bytes[whole + 20] as number) ^ 1;
  await writeFile(path, bytes);
  const again = await open(folder);
  assert.equal(again.pendingCount, 1);
  await again.close();
});

test('garbage of a full disk at the end does no harm', async (t) => {
  const folder = await temporaryFolder(t);
  const outbox = await open(folder);
  await outbox.post(draft());
  await outbox.close();
  await appendFile(join(folder, 'log'), Buffer.alloc(5000));
  const again = await open(folder);
  assert.equal(again.pendingCount, 1);
  await again.close();
  await truncate(join(folder, 'log'), 3);
  const empty = await open(folder);
  assert.equal(empty.pendingCount, 0);
  await empty.close();
});

test('knows after a restart which attempts it took and which of them ended', async (t) => {
  const folder = await temporaryFolder(t);
  const outbox = await open(folder);
  const taken = draft(3);
  const ended = draft(2);
  const dropped = draft();
  const posted = draft();
  for (const entry of [taken, ended, dropped, posted]) await outbox.take(entry);
  await outbox.end(ended, 'token');
  await outbox.drop(dropped);
  await outbox.post(posted);
  await outbox.close();
  const again = await open(folder);
  const held = again.held();
  assert.deepEqual(
    held.map((attempt) => [attempt.job_id, attempt.epoch, attempt.ended?.transferToken]),
    [
      [taken.job_id, 3, undefined],
      [ended.job_id, 2, 'token'],
    ],
  );
  assert.equal(again.pendingCount, 1);
  await again.close();
});

test('the outbox of another identity is not used', async (t) => {
  const folder = await temporaryFolder(t);
  const outbox = await open(folder);
  await outbox.post(draft());
  await outbox.close();
  const other = await open(folder, 'node-bbbbbbbbbbbbbbbbbbbbbbbb');
  assert.equal(other.pendingCount, 0);
  await other.close();
});

test('many outcomes at once share their syncs, and the log does not grow for ever', async (t) => {
  const folder = await temporaryFolder(t);
  const outbox = await open(folder);
  for (let round = 0; round < 40; round += 1) {
    await Promise.all(Array.from({ length: 500 }, () => outbox.post(draft())));
    await outbox.acknowledge(outbox.id, outbox.nextSeq - 1);
  }
  await outbox.post(draft());
  await outbox.close();
  assert.ok((await stat(join(folder, 'log'))).size < 6 * 1024 * 1024);
  const again = await open(folder);
  assert.equal(again.pendingCount, 1);
  await again.close();
});

test('a compaction while outcomes are being written loses none of them', async (t) => {
  const folder = await temporaryFolder(t);
  const outbox = await open(folder);
  const posts: Promise<void>[] = [];
  for (let round = 0; round < 20; round += 1) {
    posts.push(...Array.from({ length: 20 }, () => outbox.post(draft())));
    posts.push(outbox.compact());
  }
  await Promise.all(posts);
  await outbox.close();
  const again = await open(folder);
  assert.equal(again.pendingCount, 400);
  await again.close();
});
