import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cannotRunHere } from '@otherthing/test/skips';
import { cgroupsBelow, openCgroupsV2 } from './cgroup-v2.ts';
import { cgroupMounts, parseCgroupMounts } from './cgroups.ts';
import { openCgroups } from './open-cgroups.ts';

const isLinux = process.platform === 'linux';
const LIMITS = { cpuCores: 0.5, memoryBytes: 64 * 1024 * 1024, maxProcesses: 9 };

describe('where this process stands in the control groups', () => {
  it('is read on a hybrid system', () => {
    const mounts = parseCgroupMounts(
      '31 25 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n' +
        '32 25 0:28 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n' +
        '33 25 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n',
      '5:memory:/a/b\n4:cpu,cpuacct:/\n0::/user.slice\n',
    );
    assert.deepEqual(
      mounts.map(({ version, own }) => [version, own]),
      [
        [2, '/sys/fs/cgroup/unified/user.slice'],
        [1, '/sys/fs/cgroup/memory/a/b'],
        [1, '/sys/fs/cgroup/cpu,cpuacct/'],
      ],
    );
  });

  it('is read inside a container, whose mount begins at its own group', () => {
    const [mount] = parseCgroupMounts(
      '31 25 0:27 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n',
      '0::/docker/abc/child\n',
    );
    assert.equal(mount?.own, '/sys/fs/cgroup/child');
  });
});

describe('a control group of version 2', () => {
  it('gets the limits and tells what happened, as files say', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'ot-cgroup-'));
    const folder = join(parent, 'job.1');
    await mkdir(folder);
    for (const file of ['memory.swap.max', 'memory.oom.group']) await writeFile(join(folder, file), '');
    const group = await cgroupsBelow(parent).open('job.1', LIMITS);
    const text = (file: string) => readFile(join(folder, file), 'utf8');
    assert.equal(await text('memory.max'), '67108864');
    assert.equal(await text('memory.swap.max'), '0');
    assert.equal(await text('memory.oom.group'), '1');
    assert.equal(await text('cpu.max'), '50000 100000');
    assert.equal(await text('pids.max'), '9');
    await writeFile(join(folder, 'memory.events'), 'low 0\nhigh 0\nmax 3\noom 1\noom_kill 2\n');
    await writeFile(join(folder, 'pids.events'), 'max 4\n');
    await writeFile(join(folder, 'cpu.stat'), 'usage_usec 2500\nuser_usec 1\n');
    await writeFile(join(folder, 'memory.peak'), '1234\n');
    assert.deepEqual(await group.events(), { oomKills: 2, refusedForks: 4 });
    assert.deepEqual(await group.usage(), { cpuMs: 3, maxMemoryBytes: 1234 });
    assert.deepEqual(group.joinFiles, [join(folder, 'cgroup.procs')]);
    await rm(parent, { recursive: true });
  });

  it('is made by this kernel', { skip: !isLinux }, async (t) => {
    const mounts = await cgroupMounts();
    const groups = await openCgroupsV2(mounts, { name: 'otherthing-test-v2', nodeLimits: undefined });
    if (!groups) return cannotRunHere(t, 'cgroup-v2');
    const group = await groups.open('try.1', LIMITS);
    assert.deepEqual(await group.events(), { oomKills: 0, refusedForks: 0 });
    await group.remove();
    await groups.close();
  });
});

describe('control groups of this machine', { skip: !isLinux }, () => {
  it('can be made, raised, lowered and removed', async (t) => {
    const groups = await openCgroups({ name: 'otherthing-test', nodeLimits: undefined });
    if (!groups) return cannotRunHere(t, 'cgroup-v1', 'nor version 2');
    const group = await groups.open('try.1', LIMITS);
    await groups.open('try.1', { ...LIMITS, memoryBytes: LIMITS.memoryBytes * 4 });
    await groups.open('try.1', LIMITS);
    assert.deepEqual(await group.pids(), []);
    assert.deepEqual(await group.events(), { oomKills: 0, refusedForks: 0 });
    await group.kill();
    await group.remove();
    await group.remove();
    await groups.open('left.1', LIMITS);
    await groups.sweep();
    await groups.close();
  });
});
