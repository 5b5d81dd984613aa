import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cannotRunHere } from '@otherthing/test/skips';
import { type ExecutorFixture, executorFixture, toEnd } from '../testing/executor-fixture.ts';

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;
const MB = 1024 * 1024;

/** Processes of this machine whose command line has the word. */
const withWord = (word: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(word);
      } catch {
        return false;
      }
    })
    .map(Number)
    .filter((pid) => pid !== process.pid);

const loopImages = (): number =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes('/dev/loop')).length;

const kinds = {
  'with all that this machine has': [],
  'without control groups and disk images': ['cgroups', 'images'],
} as const;

for (const [kind, without] of Object.entries(kinds)) {
  describe(`the sandbox ${kind}`, { skip: !isLinux }, () => {
    let jobs: ExecutorFixture;
    before(async () => {
      jobs = await executorFixture({ without });
    });
    after(() => jobs.close());

    it('hands over input, environment, secrets and stdin, and keeps what is left in the output', async () => {
      const ended = await jobs.sh(
        'cat $OT_INPUT/a; cat /dev/stdin; echo "$A $S"; echo err > /dev/stderr; mkdir $OT_OUTPUT/d; echo kept > $OT_OUTPUT/d/f; pwd; exit 3',
        { files: { a: 'one ' }, stdin: 'two ', environment: { A: 'x y' }, secrets: { S: 'z' } },
      );
      assert.equal(ended.stdout.toString(), 'one two x y z\n/job/work\n');
      assert.equal(ended.stderr, 'err\n');
      assert.equal(ended.end, 'exited');
      assert.equal(ended.exitCode, 3);
      assert.equal((await jobs.artifact(ended, 'd/f')).toString(), 'kept\n');
      assert.ok(ended.usage.wallMs > 0);
    });

    it('says when a command does not exist', async () => {
      const ended = await jobs.run(['no-such-command']);
      assert.equal(ended.end, 'exited');
      assert.equal(ended.exitCode, 127);
      assert.match(ended.message ?? '', /was not found/);
    });

    it('passes binary output through unchanged', async () => {
      const ended = await jobs.perl('binmode STDOUT; print pack("C*", 0..255) x 4096');
      const expected = Buffer.concat(
        Array.from({ length: 4096 }, () => Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i))),
      );
      assert.equal(
        createHash('sha256').update(ended.stdout).digest('hex'),
        createHash('sha256').update(expected).digest('hex'),
      );
    });

    it('holds a job back while nobody reads its output, and loses none of it', async () => {
      const execution = await jobs.start([
        '/bin/sh',
        '-c',
        'dd if=/dev/zero bs=64k count=320 2>/dev/null; echo end',
      ]);
      await sleep(300);
      assert.ok(execution.stdout.readableLength < MB);
      const ended = await toEnd(execution);
      assert.equal(ended.stdout.length, 20 * MB + 4);
      assert.equal(ended.end, 'exited');
    });

    it('ends a memory bomb and names the knob', async () => {
      const ended = await jobs.perl('my @a; push @a, "x" x 1_000_000 for 1..2000; sleep 5', {
        limits: { memoryBytes: 64 * MB },
      });
      assert.equal(ended.end, 'memory_limit');
      assert.match(ended.message ?? '', /64 MiB of memory.*resources\.memoryMb/);
    });

    it('holds a fork bomb to its processes and ends it whole', async () => {
      const started = Date.now();
      const ended = await jobs.perl('while (1) { fork }', {
        limits: { maxProcesses: 12, runTimeoutMs: 2000 },
      });
      assert.ok(['run_timeout', 'process_limit'].includes(ended.end), ended.end);
      assert.ok(Date.now() - started < 20_000);
    });

    it('ends or holds a job that fills its disk, and says so', async () => {
      const ended = await jobs.sh(
        'i=0; while dd if=/dev/zero of=/tmp/$i bs=1M count=1 2>/dev/null; do i=$((i+1)); test $i -lt 3000 || exit 0; done; exit 9',
      );
      assert.equal(ended.end, 'disk_limit', ended.message);
      assert.match(ended.message ?? '', /resources\.diskMb/);
    });

    it('ends or holds a job that makes too many files, and says so', async () => {
      const ended = await jobs.perl(
        'for my $i (1..200000) { open(my $f, ">", "/job/output/$i") or exit 9; } exit 0;',
      );
      assert.equal(ended.end, 'disk_limit', ended.message);
    });

    it('stops a single file at the limit', async () => {
      const ended = await jobs.sh('exec dd if=/dev/zero of=/tmp/big bs=1M count=64 2>/dev/null');
      assert.equal(ended.end, 'disk_limit', JSON.stringify(ended.exitCode));
    });

    it('gives a second for a clean end after SIGTERM', async () => {
      const execution = await jobs.start([
        '/bin/sh',
        '-c',
        'trap "echo bye; exit 4" TERM; echo ready; while :; do sleep 0.05; done',
      ]);
      await new Promise((resolve) => execution.stdout.once('readable', resolve));
      execution.cancel();
      execution.cancel();
      const ended = await toEnd(execution);
      assert.equal(ended.stdout.toString(), 'ready\nbye\n');
      assert.equal(ended.end, 'cancelled');
      assert.equal(ended.exitCode, 4);
    });

    it('kills what ignores SIGTERM, also when it was stopped', async () => {
      const execution = await jobs.start([
        '/bin/sh',
        '-c',
        `trap "" TERM; (trap "" TERM; sleep 98765) & kill -STOP $!; echo ready; while :; do sleep 0.1; done`,
      ]);
      await new Promise((resolve) => execution.stdout.once('readable', resolve));
      assert.ok(withWord('98765').length > 0);
      execution.cancel();
      const ended = await toEnd(execution);
      assert.equal(ended.end, 'cancelled');
      assert.deepEqual(withWord('sleep\x0098765'), []);
    });

    it('leaves no daemon behind when the command ends', async () => {
      const ended = await jobs.sh(
        '(setsid sh -c "setsid sleep 87654 >/dev/null 2>&1 &" &) ; sleep 0.1; echo started',
      );
      assert.equal(ended.stdout.toString(), 'started\n');
      assert.deepEqual(withWord('sleep\x0087654'), []);
    });

    it('ends a job at its time', async () => {
      const ended = await jobs.sh('sleep 60', { limits: { runTimeoutMs: 300 } });
      assert.equal(ended.end, 'run_timeout');
      assert.match(ended.message ?? '', /timeouts\.runSeconds/);
      assert.ok(ended.usage.wallMs < 10_000);
    });

    it('leaves nothing in the folder but what the runner made', async () => {
      const ended = await jobs.sh('echo x > /tmp/x; echo y > /dev/shm/y');
      assert.equal(ended.exitCode, 0);
      const left = readdirSync(ended.root).filter(
        (name) => !['input', 'output', 'work', 'stdin'].includes(name),
      );
      assert.deepEqual(left, []);
      assert.equal(loopImages(), 0);
    });

    it('refuses requests that make no sense', async () => {
      await assert.rejects(jobs.run([]), /no command/);
      await assert.rejects(jobs.run(['/bin/true'], { environment: { 'A=B': 'c' } }), /environment variable/);
      await assert.rejects(jobs.run(['/bin/echo', 'a\0b']), /zero byte/);
    });

    it('does not let the environment of a job touch how it is started', async () => {
      const ended = await jobs.sh('echo "$LD_PRELOAD|$OT_OUTPUT"; id -u', {
        environment: {
          LD_PRELOAD: '/job/input/evil.so',
          ENV: '/job/input/evil',
          OT_OUTPUT: '/etc',
          BASH_ENV: '/x',
        },
      });
      assert.match(ended.stdout.toString(), /^\/job\/input\/evil\.so\|\/job\/output\n1000\n$/);
    });

    it('runs jobs side by side', async () => {
      const ended = await Promise.all(
        Array.from({ length: 6 }, (_, i) => jobs.sh(`echo ${i} > $OT_OUTPUT/n; sleep 0.1; cat $OT_OUTPUT/n`)),
      );
      assert.deepEqual(
        ended.map((each) => each.stdout.toString().trim()),
        ['0', '1', '2', '3', '4', '5'],
      );
    });
  });
}

describe('control groups of a job', { skip: !isLinux }, () => {
  it('hold it to its share of a core', async (t) => {
    const jobs = await executorFixture();
    try {
      const [first] = await jobs.executors.probeAll();
      if (!first?.probe.available || !first.probe.notes.some((note) => /control groups \(/.test(note)))
        return cannotRunHere(t, 'cgroup-v1', 'nor version 2');
      const ended = await jobs.sh('while :; do :; done', { limits: { cpuCores: 0.25, runTimeoutMs: 2000 } });
      assert.ok(ended.usage.cpuMs < 1200, `${ended.usage.cpuMs} ms of CPU in ${ended.usage.wallMs} ms`);
    } finally {
      await jobs.close();
    }
  });
});

describe('an agent that is killed', { skip: !isLinux }, () => {
  it('leaves no process of a job, and the next start sweeps its groups', { timeout: 60_000 }, async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'ot-exec-'));
    const helper = fileURLToPath(new URL('../testing/killed-agent.ts', import.meta.url));
    const agent = spawn(process.execPath, ['--no-warnings', helper, stateDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve) =>
      agent.stdout.on('data', (data: Buffer) => data.includes('ready') && resolve()),
    );
    assert.ok(withWord('sleep\x0076543').length >= 2);
    assert.ok(withWord('script/child.ts').length >= 1);
    agent.kill('SIGKILL');
    for (let i = 0; i < 100 && withWord('76543').length > 0; i += 1) await sleep(50);
    assert.deepEqual(withWord('76543'), []);
    const jobs = await executorFixture({ stateDir });
    await jobs.executors.sweepLeftovers();
    for (const controller of ['memory', 'pids']) {
      const own = readFileSync('/proc/self/cgroup', 'utf8')
        .split('\n')
        .find((line) => line.includes(`:${controller}:`));
      const name = `otherthing-${createHash('sha256').update(stateDir).digest('hex').slice(0, 12)}`;
      const folder = join('/sys/fs/cgroup', controller, own?.split(':')[2] ?? '', name);
      if (existsSync(folder))
        assert.deepEqual(
          readdirSync(folder).filter((each) => each.startsWith('killed')),
          [],
        );
    }
    assert.equal(loopImages(), 0);
    await jobs.close();
    await rm(stateDir, { recursive: true, force: true });
  });
});

describe('without a sandbox', () => {
  it('a node refuses commands, with the reason', async () => {
    const jobs = await executorFixture({ without: ['sandbox'] });
    const [first] = await jobs.executors.probeAll();
    assert.equal(first?.probe.available, false);
    await assert.rejects(jobs.sh('true'));
    await jobs.close();
  });

  it('a node whose owner allowed it runs commands as they are, and says so', { skip: !isLinux }, async () => {
    for (const without of [['sandbox'], ['sandbox', 'cgroups']] as const) {
      const jobs = await executorFixture({ without, allowUnsandboxed: true });
      const [first] = await jobs.executors.probeAll();
      assert.equal(first?.probe.available && first.probe.isolation, 'none');
      const ended = await jobs.sh('cat $OT_INPUT/a; echo $A; echo out > $OT_OUTPUT/o; exit 5', {
        files: { a: 'in ' },
        environment: { A: 'b' },
      });
      assert.equal(ended.stdout.toString(), 'in b\n');
      assert.equal(ended.exitCode, 5);
      const daemon = await jobs.sh('(setsid sh -c "setsid sleep 65432 >/dev/null 2>&1 &" &) ; sleep 0.2');
      assert.equal(daemon.end, 'exited');
      assert.deepEqual(withWord('sleep\x0065432'), []);
      const bomb = await jobs.perl('my @a; push @a, "x" x 1_000_000 for 1..2000; sleep 5', {
        limits: { memoryBytes: 64 * MB },
      });
      assert.equal(bomb.end, 'memory_limit');
      const execution = await jobs.start([
        '/bin/sh',
        '-c',
        'trap "" TERM; echo ready; while :; do sleep 0.1; done',
      ]);
      await new Promise((resolve) => execution.stdout.once('readable', resolve));
      execution.cancel();
      assert.equal((await toEnd(execution)).end, 'cancelled');
      await jobs.close();
    }
  });
});

describe('an agent that is not root', { skip: !isLinux }, () => {
  it('runs sandboxed jobs under its own user', { timeout: 60_000 }, async (t) => {
    if (!isRoot) return cannotRunHere(t, 'root', 'every other test of this file covers it then');
    const { chown } = await import('node:fs/promises');
    const stateDir = await mkdtemp(join(tmpdir(), 'ot-exec-'));
    await chown(stateDir, 54_321, 54_321);
    const helper = fileURLToPath(new URL('../testing/plain-user.ts', import.meta.url));
    const args = [
      '--reuid',
      '54321',
      '--regid',
      '54321',
      '--clear-groups',
      process.execPath,
      '--no-warnings',
      helper,
      stateDir,
    ];
    const agent = spawn('setpriv', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complained = '';
    agent.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    agent.stderr.on('data', (data: Buffer) => {
      complained += data.toString();
    });
    const code = await new Promise((resolve) => agent.once('exit', resolve));
    await rm(stateDir, { recursive: true, force: true });
    assert.equal(code, 0, complained);
    assert.deepEqual(JSON.parse(said), {
      isolation: 'sandbox',
      stdout: '1000 in\n',
      artifact: 'out\n',
      script: 3,
    });
  });
});
