import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Uploads } from './uploads.ts';

const settled = (uploads: Uploads) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (!uploads.summary().busy) resolve();
    };
    uploads.subscribe(look);
    look();
  });

const hash = async (file: Blob) => `${'0'.repeat(60)}${String(file.size).padStart(4, '0')}`;

test('hashes and sends every file and names them as inputs', async () => {
  const sent: string[] = [];
  const uploads = new Uploads({ hash, newsMs: 1, send: async ({ sha256 }) => sent.push(sha256) });
  uploads.add(Array.from({ length: 7 }, (_, i) => ({ path: `d/${i}`, file: new Blob(['x'.repeat(i)]) })));
  assert.throws(() => uploads.inputs(), /not uploaded yet/);
  await settled(uploads);
  assert.equal(sent.length, 7);
  assert.deepEqual(
    uploads.inputs().map((input) => [input.path, input.size]),
    Array.from({ length: 7 }, (_, i) => [`d/${i}`, i]),
  );
  assert.deepEqual([uploads.summary().bytes, uploads.summary().sent], [21, 21]);
});

test('a failed file is told, keeps the others going, and can be tried again', async () => {
  let broken = true;
  const uploads = new Uploads({
    hash,
    newsMs: 1,
    send: async ({ blob }) => {
      if (broken && blob.size === 1) throw new Error('away');
    },
  });
  uploads.add([
    { path: 'a', file: new Blob(['1']) },
    { path: 'b', file: new Blob(['22']) },
  ]);
  await settled(uploads);
  assert.deepEqual(
    uploads.summary().items.map((item) => item.state),
    ['failed', 'done'],
  );
  broken = false;
  uploads.retryFailed();
  await settled(uploads);
  assert.equal(uploads.inputs().length, 2);
});

test('a removed file is stopped, and stored files of an earlier job need no upload', async () => {
  let stopped = false;
  const uploads = new Uploads({
    hash,
    newsMs: 1,
    send: ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(signal.reason);
        }),
      ),
  });
  uploads.add([{ path: 'big', file: new Blob(['x']) }]);
  uploads.addStored([{ path: 'old', size: 4, sha256: 'b'.repeat(64), executable: false }]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  uploads.remove('big');
  assert.equal(stopped, true);
  assert.deepEqual(uploads.inputs(), [{ path: 'old', size: 4, sha256: 'b'.repeat(64), executable: false }]);
});
