import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../testing/agent-fixture.ts';
import { collectArtifacts } from './artifacts.ts';

const MB = 1024 * 1024;

test('collects regular files with their sha256, sorted, with the executable bit', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'b/c'), { recursive: true });
  await writeFile(join(folder, 'b/c/two.txt'), 'two');
  await writeFile(join(folder, 'a.sh'), '#!/bin/sh\n');
  await chmod(join(folder, 'a.sh'), 0o755);
  await writeFile(join(folder, 'empty'), '');
  const { artifacts, skipped } = await collectArtifacts(folder, { maxBytes: MB });
  assert.deepEqual(skipped, []);
  assert.deepEqual(
    artifacts.map((artifact) => [artifact.path, artifact.size, artifact.executable]),
    [
      ['a.sh', 10, true],
      ['b/c/two.txt', 3, false],
      ['empty', 0, false],
    ],
  );
  assert.equal(artifacts[1]?.sha256, createHash('sha256').update('two').digest('hex'));
});

test('names and leaves out links, pipes and sockets, and follows none of them', async (t) => {
  const folder = await temporaryFolder(t);
  const outside = await temporaryFolder(t);
  await writeFile(join(outside, 'secret'), 'secret of the machine');
  await symlink('/etc/passwd', join(folder, 'passwd'));
  await symlink(outside, join(folder, 'folder'));
  await symlink('nowhere', join(folder, 'broken'));
  await link(join(outside, 'secret'), join(folder, 'hard'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
  t.after(() => server.close());
  await writeFile(join(folder, 'good'), 'good');
  const { artifacts, skipped } = await collectArtifacts(folder, { maxBytes: MB });
  assert.deepEqual(
    artifacts.map((artifact) => artifact.path),
    ['good'],
  );
  const reasons = Object.fromEntries(skipped.map((entry) => [entry.path, entry.reason]));
  assert.deepEqual(reasons, {
    passwd: 'a symbolic link',
    folder: 'a symbolic link',
    broken: 'a symbolic link',
    hard: 'a hard link to a file outside of the output folder',
    pipe: 'a pipe',
    socket: 'a socket',
  });
});

test('takes hard links between two collected files', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'one'), 'same');
  await link(join(folder, 'one'), join(folder, 'two'));
  const { artifacts } = await collectArtifacts(folder, { maxBytes: MB });
  assert.equal(artifacts.length, 2);
});

test('leaves out names that could not be written down or stored elsewhere', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'line\nbreak'), 'x');
  await writeFile(join(folder, 'back\\slash'), 'x');
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'x');
  await mkdir(join(folder, Array.from({ length: 40 }, () => 'd').join('/')), { recursive: true });
  await writeFile(join(folder, Array.from({ length: 40 }, () => 'd').join('/'), 'f'), 'deep');
  const { artifacts, skipped } = await collectArtifacts(folder, { maxBytes: MB });
  assert.deepEqual(artifacts, []);
  assert.equal(skipped.length, 4);
  assert.ok(skipped.every((entry) => !entry.path.includes('\n')));
});

test('keeps to the caps of count and size, and says what is missing', async (t) => {
  const folder = await temporaryFolder(t);
  for (let n = 0; n < 300; n += 1) await writeFile(join(folder, `f${String(n).padStart(3, '0')}`), 'x');
  const few = await collectArtifacts(folder, { maxBytes: MB, maxFiles: 150 });
  assert.equal(few.artifacts.length, 150);
  assert.equal(few.skipped.length, 100);
  assert.match(few.skipped.at(-1)?.reason ?? '', /and 51 more/);
  const small = await collectArtifacts(folder, { maxBytes: 10 });
  assert.equal(small.artifacts.length, 10);
  assert.match(small.skipped[0]?.reason ?? '', /larger than 10 bytes in all \(diskMb\)/);
});
