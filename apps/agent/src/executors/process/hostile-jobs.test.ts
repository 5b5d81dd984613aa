import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ExecutorFixture, executorFixture } from '../testing/executor-fixture.ts';

const isLinux = process.platform === 'linux';
const X32 = 0x40000000;
/** perl's syscall() by number: this suite runs on x86-64 and arm64. */
const NR =
  process.arch === 'x64'
    ? {
        socket: 41,
        clone: 56,
        ptrace: 101,
        mount: 165,
        keyctl: 250,
        unshare: 272,
        setns: 308,
        bpf: 321,
        clone3: 435,
        iouring: 425,
        getpid: 39,
        execve: 59,
      }
    : {
        socket: 198,
        clone: 220,
        ptrace: 117,
        mount: 40,
        keyctl: 219,
        unshare: 97,
        setns: 268,
        bpf: 280,
        clone3: 435,
        iouring: 425,
        getpid: 172,
        execve: 221,
      };
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

describe('a hostile job', { skip: !isLinux }, () => {
  let jobs: ExecutorFixture;
  before(async () => {
    jobs = await executorFixture();
    const [first] = await jobs.executors.probeAll();
    assert.equal(first?.probe.available, true, JSON.stringify(first));
  });
  after(() => jobs.close());

  const errnoOf = async (call: string): Promise<number> => {
    const ended = await jobs.perl(`my $r = syscall(${call}); print $r == -1 ? $!+0 : "allowed";`);
    const text = ended.stdout.toString();
    return text === 'allowed' ? 0 : Number(text);
  };

  it('cannot write the settings of the host kernel', async () => {
    const before = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
    const ended = await jobs.sh(
      'for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sys/vm/overcommit_memory /proc/sysrq-trigger; do echo x > $f && echo written; done; touch /proc/sys/x; exit 0',
    );
    assert.equal(ended.stdout.toString(), '');
    assert.match(ended.stderr, /Read-only|Permission denied/);
    assert.equal(await readFile('/proc/sys/kernel/core_pattern', 'utf8'), before);
    const mounts = await jobs.sh('grep " /proc/sys " /proc/mounts');
    assert.match(mounts.stdout.toString(), / \/proc\/sys proc ro,/);
  });

  it('does not run as root outside, whoever runs the agent', async () => {
    const execution = await jobs.start(['/bin/sleep', '20']);
    const status = await readFile(`/proc/${execution.pid}/task/${execution.pid}/children`, 'utf8');
    const child = Number(status.trim().split(' ')[0] || execution.pid);
    const uids = /^Uid:\t(\d+)\t(\d+)\t(\d+)\t(\d+)$/m.exec(await readFile(`/proc/${child}/status`, 'utf8'));
    execution.cancel();
    await execution.done;
    for (const uid of uids?.slice(1) ?? ['0']) assert.notEqual(Number(uid), 0);
  });

  it('sees nothing of the machine beyond what it was given', async () => {
    const secret = join(jobs.stateDir, 'secret.txt');
    await writeFile(secret, 'the database password');
    const paths = [
      '/etc/shadow',
      '/root',
      '/home',
      '/sys/class',
      '/boot',
      '/run',
      '/srv',
      '/opt',
      '/mnt',
      '/var/lib',
      jobs.stateDir,
      secret,
      '/proc/1/root/etc/shadow',
      '/proc/1/root/root',
    ];
    const ended = await jobs.sh(`for p in ${paths.join(' ')}; do test -e $p && echo "sees $p"; done; exit 0`);
    assert.equal(ended.stdout.toString(), '');
    const users = await jobs.sh('cut -d: -f1 /etc/passwd');
    assert.deepEqual(users.stdout.toString().trim().split('\n'), ['root', 'job', 'nobody']);
  });

  it('cannot look into the folder of another job, nor signal its processes', async () => {
    const other = await jobs.start(['/bin/sh', '-c', 'echo private > /job/work/x; echo ready; sleep 20']);
    await new Promise((resolve) => other.stdout.once('data', resolve));
    const ended = await jobs.sh(
      'ls /proc | grep -c "^[0-9]"; find / -name x -path "*work*" 2>/dev/null; kill -9 -1; exit 0',
    );
    assert.ok(Number(ended.stdout.toString().split('\n')[0]) < 6, ended.stdout.toString());
    let over = false;
    other.done.then(() => {
      over = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(over, false);
    other.cancel();
    await other.done;
  });

  it('opens sockets of the families UNIX, INET and INET6 only', async () => {
    for (const family of [1, 2, 10]) assert.equal(await errnoOf(`${NR.socket}, ${family}, 1, 0`), 0);
    // NETLINK, PACKET, BLUETOOTH, ALG, VSOCK, XDP
    for (const family of [16, 17, 31, 38, 40, 44])
      assert.equal(await errnoOf(`${NR.socket}, ${family}, 3, 0`), EAFNOSUPPORT, `family ${family}`);
  });

  it('gets EPERM for calls that reach out of a sandbox', async () => {
    const calls = {
      unshare: `${NR.unshare}, 0x10000000`,
      'clone with CLONE_NEWUSER': `${NR.clone}, 0x10000011, 0, 0, 0, 0`,
      'clone with CLONE_NEWNET': `${NR.clone}, 0x40000011, 0, 0, 0, 0`,
      setns: `${NR.setns}, 0, 0`,
      mount: `${NR.mount}, my $a = "none", my $b = "/tmp", my $c = "tmpfs", 0, 0`,
      ptrace: `${NR.ptrace}, 0, 0, 0, 0`,
      keyctl: `${NR.keyctl}, 0, -3, 0`,
      bpf: `${NR.bpf}, 0, 0, 0`,
      io_uring: `${NR.iouring}, 1, 0`,
    };
    for (const [name, call] of Object.entries(calls)) assert.equal(await errnoOf(call), EPERM, name);
  });

  it('gets ENOSYS for clone3 and for calls newer than the filter', async () => {
    assert.equal(await errnoOf(`${NR.clone3}, 0, 0`), ENOSYS);
    assert.equal(await errnoOf('3000, 0'), ENOSYS);
  });

  it('cannot use the x32 numbers of system calls', { skip: process.arch !== 'x64' }, async () => {
    assert.equal(await errnoOf(`${X32 + NR.getpid}`), ENOSYS);
    assert.equal(await errnoOf(`${X32 + NR.unshare}, 0x10000000`), ENOSYS);
  });

  it('cannot make namespaces with the tools of the system', async () => {
    const ended = await jobs.sh(
      'unshare -U true && echo made; unshare -n true && echo made; /usr/bin/bwrap --ro-bind / / true && echo made; exit 0',
    );
    assert.equal(ended.stdout.toString(), '');
  });

  it('has no rights and a filter', async () => {
    const ended = await jobs.sh('cat /proc/self/status');
    for (const expected of [/^CapEff:\t0+$/m, /^CapBnd:\t0+$/m, /^NoNewPrivs:\t1$/m, /^Seccomp:\t2$/m])
      assert.match(ended.stdout.toString(), expected);
  });

  it('holds no open file of the agent, nor of whoever started that', async () => {
    const secret = join(jobs.stateDir, 'inherited.txt');
    await writeFile(secret, 'for the agent only');
    const inherited = openSync(secret, 'r');
    const helper = fileURLToPath(new URL('../testing/leaky-agent.ts', import.meta.url));
    const stateDir = await mkdtemp(join(tmpdir(), 'ot-exec-'));
    const agent = spawn(process.execPath, ['--no-warnings', helper, stateDir], {
      stdio: [
        'ignore',
        'pipe',
        'inherit',
        'ignore',
        'ignore',
        'ignore',
        'ignore',
        'ignore',
        'ignore',
        inherited,
      ],
    });
    closeSync(inherited);
    let said = '';
    for await (const chunk of agent.stdout as AsyncIterable<Buffer>) said += chunk.toString();
    assert.match(said, /stdout\.fifo/);
    assert.doesNotMatch(said, /inherited/);
    for (const path of said.trim().split('\n'))
      assert.match(path, /^\/dev\/null$|\.fifo$|^\/proc\/|^\/dev\/tty$/, said);
  });

  it('finds no sockets of the host', async () => {
    const ended = await jobs.sh(
      'cat /proc/net/unix | wc -l; find / -xdev -type s 2>/dev/null; ls /run /var/run 2>/dev/null; exit 0',
    );
    assert.equal(ended.stdout.toString().trim(), '1');
  });

  it('cannot make or open devices', async () => {
    const ended = await jobs.sh(
      'mknod /tmp/d b 254 0 && echo made; mknod /tmp/k c 1 1 && echo made; ls /dev | sort | tr "\\n" " "; exit 0',
    );
    assert.doesNotMatch(ended.stdout.toString(), /made/);
    assert.doesNotMatch(ended.stdout.toString(), /vd|sd|loop|mem|kmsg|kvm|fuse/);
  });

  it('reaches no server on the loopback of the host, only its own', async () => {
    const server = createServer((socket) => socket.end('host'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const connect = `use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0); print connect($s, pack_sockaddr_in($ARGV[0], inet_aton("127.0.0.1"))) ? "reached" : "refused";`;
    const ended = await jobs.run(['/usr/bin/perl', '-e', connect, String(port)]);
    server.close();
    assert.equal(ended.stdout.toString(), 'refused');
    const devices = await jobs.sh('tail -n +3 /proc/net/dev | cut -d: -f1');
    assert.equal(devices.stdout.toString().trim(), 'lo');
    const own = await jobs.perl(
      'use Socket; socket(my $l, AF_INET, SOCK_STREAM, 0); bind($l, pack_sockaddr_in(0, INADDR_LOOPBACK)) or die; listen($l, 1); my ($p) = unpack_sockaddr_in(getsockname($l)); socket(my $s, AF_INET, SOCK_STREAM, 0); print connect($s, pack_sockaddr_in($p, INADDR_LOOPBACK)) ? "own" : "none";',
    );
    assert.equal(own.stdout.toString(), 'own');
  });

  it('cannot write outside of its folders, nor change its input', async () => {
    const ended = await jobs.sh(
      'for p in /x /usr/x /etc/x /dev/x /proc/x /job/x /job/input/x /var/x; do touch $p 2>/dev/null && echo "wrote $p"; done; echo more >> /job/input/a 2>/dev/null && echo changed; cat /job/input/a',
      { files: { a: 'given' } },
    );
    assert.equal(ended.stdout.toString(), 'given');
  });

  it('leaves no file with the rights of another user', async () => {
    const ended = await jobs.sh(
      'cp /usr/bin/id $OT_OUTPUT/id; chmod 6755 $OT_OUTPUT/id; ln -s /etc/shadow $OT_OUTPUT/link; mkfifo $OT_OUTPUT/pipe',
    );
    assert.equal(ended.exitCode, 0, ended.stderr);
    const { statSync, lstatSync } = await import('node:fs');
    const { mode } = statSync(join(ended.root, 'output', 'id'));
    assert.equal(mode & 0o111, 0o111);
    if (process.getuid?.() === 0) assert.equal(mode & 0o6000, 0);
    assert.equal(lstatSync(join(ended.root, 'output', 'link')).isSymbolicLink(), true);
  });

  it('shows its secrets to nobody who lists processes', async () => {
    const execution = await jobs.start(
      ['/bin/sh', '-c', 'test $(printf %s "$KEY" | wc -c) = 14 && echo has; sleep 20'],
      {
        secrets: { KEY: 'hunter2-secret' },
      },
    );
    const [said] = (await new Promise((resolve) =>
      execution.stdout.once('data', (data) => resolve([data])),
    )) as [Buffer];
    const { readdirSync, readFileSync } = await import('node:fs');
    const lines = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
      .map((name) => readFileSync(`/proc/${name}/cmdline`, 'latin1'));
    execution.cancel();
    await execution.done;
    assert.equal(said.toString(), 'has\n');
    assert.equal(
      lines.some((line) => line.includes('hunter2-secret')),
      false,
    );
  });

  it('reads what its owner adds, and no root folder is added', async () => {
    const data = join(jobs.stateDir, 'unreachable');
    await mkdir(data, { recursive: true });
    await assert.rejects(executorFixture({ extraReadOnlyPaths: ['/'] }), /absolute path/);
    const more = await executorFixture({ extraReadOnlyPaths: ['/etc/debian_version'] });
    const ended = await more.sh(
      'cat /etc/debian_version; touch /etc/debian_version 2>/dev/null && echo changed; exit 0',
    );
    await more.close();
    assert.equal(ended.stdout.toString(), await readFile('/etc/debian_version', 'utf8'));
  });
});
