import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newId } from '@otherthing/protocol/ids';
import { shellJob, startOrchestrator, temporaryFolder } from '../testing/agent-fixture.ts';
import { newKeys, WORKSPACE } from '../testing/scripted-orchestrator.ts';
import { nodeNameOf } from './run-agent.ts';

const PROGRAM = fileURLToPath(new URL('../testing/agent-process.ts', import.meta.url));

type Run = { readonly child: ChildProcess; output(): string; says(text: string | RegExp): Promise<void> };

function start(t: TestContext, ...argv: string[]): Run {
  const child = spawn(process.execPath, [PROGRAM, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const matches = (text: string | RegExp) =>
    typeof text === 'string' ? output.includes(text) : text.test(output);
  return {
    child,
    output: () => output,
    async says(text) {
      for (const end = Date.now() + 20_000; !matches(text); ) {
        if (Date.now() > end || child.exitCode !== null)
          throw new Error(`it never said ${text}, but:\n${output}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
  };
}

async function ask(t: TestContext, ...argv: string[]): Promise<{ code: number | null; output: string }> {
  const run = start(t, ...argv);
  const [code] = (await once(run.child, 'close')) as [number | null];
  return { code, output: run.output() };
}

function claim(id: string) {
  return {
    claim_id: id,
    workspace_id: WORKSPACE,
    workspace_name: 'Vision team',
    claimed_by: 'Anna\u001b[2J',
    created_at: new Date().toISOString(),
  };
}

test('shows the share key and claims, and answers them from another terminal', async (t) => {
  const orchestrator = await startOrchestrator(t, {
    registered: (message) => ({ ...message, workspace_ids: [], workspaces: [], owner: null }),
  });
  const stateDir = await temporaryFolder(t);
  const run = start(t, 'join', orchestrator.url, '--state-dir', stateDir, '--name', 'atlas');
  await run.says(/Share key {3}[2-9A-Z]{4} [2-9A-Z]{4}/);
  await run.says('this node trusts only it from now on');
  const id = newId('claim');
  orchestrator.send({ type: 'claims', pending: [claim(id)] });
  await run.says('asks for this machine for the workspace "Vision team"');
  assert.ok(!run.output().includes('\u001b'), 'a name moves the cursor');

  const json = await ask(t, 'status', '--json', '--state-dir', stateDir);
  const status = JSON.parse(json.output) as Record<string, unknown>;
  assert.equal(status.running, true);
  assert.equal(status.name, 'atlas');
  assert.equal((status.pendingClaims as unknown[]).length, 1);
  const text = await ask(t, 'status', '--state-dir', stateDir);
  assert.match(text.output, /connected for less than a minute/);
  assert.match(text.output, new RegExp(`approve ${id}`));

  const approving = ask(t, 'approve', id, '--state-dir', stateDir);
  const answer = await orchestrator.until(() => orchestrator.of('claim_answer')[0], 'the answer');
  assert.deepEqual({ id: answer.claim_id, accept: answer.accept }, { id, accept: true });
  orchestrator.send({ type: 'claims', pending: [] });
  orchestrator.send({
    type: 'workspace_joined',
    workspace_id: WORKSPACE,
    workspace_name: 'Vision team',
    ipfs_swarm_key: 'a'.repeat(64),
    bootstrap_peers: [],
  });
  const approved = await approving;
  assert.equal(approved.code, 0);
  assert.match(approved.output, /Accepted: Vision team/);
  await run.says('Lent to Vision team.');

  const unknown = await ask(t, 'reject', newId('claim'), '--state-dir', stateDir);
  assert.equal(unknown.code, 1);
  assert.match(unknown.output, /No claim/);
});

test('rotates the share key on demand', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const run = start(t, 'join', orchestrator.url, '--state-dir', stateDir);
  await run.says('Connected as');
  const rotating = ask(t, 'rotate-key', '--state-dir', stateDir);
  await orchestrator.until(() => orchestrator.of('rotate_share_key')[0], 'the request');
  orchestrator.send({
    type: 'share_key',
    share_key: 'ABCD2345',
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  assert.match((await rotating).output, /ABCD 2345/);
  await run.says('ABCD 2345');
});

test('leaves: tells the orchestrator, stops the agent and forgets the key', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const run = start(t, 'join', orchestrator.url, '--state-dir', stateDir);
  await run.says('Connected as');
  const leaving = ask(t, 'leave', '--state-dir', stateDir);
  await orchestrator.until(() => orchestrator.of('leave_workspace')[0], 'the farewell');
  orchestrator.send({ type: 'workspace_left', workspace_id: WORKSPACE, reason: 'its owner took it back' });
  const left = await leaving;
  assert.equal(left.code, 0, left.output);
  assert.match(left.output, /yours alone again/);
  if (run.child.exitCode === null) await once(run.child, 'exit');
  assert.equal(run.child.exitCode, 0);
  assert.deepEqual(
    (await readdir(stateDir)).filter((name) => name.startsWith('identity') || name === 'outbox'),
    [],
  );
  const status = await ask(t, 'status', '--state-dir', stateDir);
  assert.equal(status.code, 1);
  assert.match(status.output, /not lent to anybody/);
});

test('leaves without a running agent by a short connection', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const joined = await ask(t, 'join', orchestrator.url, '--state-dir', stateDir, '--no-stay');
  assert.equal(joined.code, 0, joined.output);
  const leaving = ask(t, 'leave', '--state-dir', stateDir);
  await orchestrator.until(() => orchestrator.of('leave_workspace')[0], 'the farewell');
  orchestrator.send({ type: 'workspace_left', workspace_id: WORKSPACE, reason: 'its owner took it back' });
  const left = await leaving;
  assert.equal(left.code, 0, left.output);
  assert.doesNotMatch(left.output, /could not be told/);
});

test('a cloned machine is told what to do, and can leave although it cannot connect', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  await ask(t, 'join', orchestrator.url, '--state-dir', stateDir, '--no-stay');
  orchestrator.refuseRegister = 'duplicate_identity';
  const run = start(t, 'run', '--state-dir', stateDir);
  await run.says(/Another agent with this identity is connected\.[\s\S]*leave` on one of the two/);
  assert.equal(run.child.exitCode, null, 'it goes on trying');
  const left = await ask(t, 'leave', '--state-dir', stateDir);
  assert.equal(left.code, 0, left.output);
  assert.match(left.output, /could not be told/);
});

test('refuses a second agent on one state folder, and a move to another orchestrator', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const run = start(t, 'join', orchestrator.url, '--state-dir', stateDir);
  await run.says('Connected as');
  const second = await ask(t, 'run', '--state-dir', stateDir);
  assert.equal(second.code, 1);
  assert.match(second.output, /Another agent \(process \d+\) uses the state folder/);
  const other = await startOrchestrator(t);
  const moved = await ask(t, 'join', other.url, '--state-dir', stateDir);
  assert.equal(moved.code, 1);
  assert.match(moved.output, /lent through .* already/);
});

test('join ends at once with a refused token, and the next start does not try it again', async (t) => {
  const keys = newKeys();
  const orchestrator = await startOrchestrator(t, { keys });
  orchestrator.refuseRegister = 'join_token_refused';
  const stateDir = await temporaryFolder(t);
  const token = `otj_${keys.publicKey}_${'a'.repeat(32)}_${'b'.repeat(6)}`;
  const refused = await ask(t, 'join', '--token', token, orchestrator.url, '--state-dir', stateDir);
  assert.equal(refused.code, 1);
  assert.match(refused.output, /join token is unknown, used up, expired or revoked/);
  orchestrator.refuseRegister = undefined;
  const run = start(t, 'run', '--state-dir', stateDir);
  await run.says('Connected as');
  assert.equal(orchestrator.registers.at(-1)?.join_token, undefined);
});

test('join refuses an orchestrator whose key is not the one in the token', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const token = `otj_${newKeys().publicKey}_${'a'.repeat(32)}_${'b'.repeat(6)}`;
  const refused = await ask(t, 'join', '--token', token, orchestrator.url, '--state-dir', stateDir);
  assert.equal(refused.code, 1);
  assert.match(refused.output, /has the key .* but this node trusts/);
  assert.equal(orchestrator.registers.length, 0, 'it sent its token to a stranger');
});

test('a token file is used at the first start only', async (t) => {
  const keys = newKeys();
  const orchestrator = await startOrchestrator(t, { keys, join: { approved: false } });
  const stateDir = await temporaryFolder(t);
  const tokenFile = join(await temporaryFolder(t), 'token');
  const token = `otj_${keys.publicKey}_${'a'.repeat(32)}_${'b'.repeat(6)}`;
  await writeFile(tokenFile, `${token}\n`);
  const argv = ['run', '--token-file', tokenFile, '--state-dir', stateDir, orchestrator.url];
  const first = start(t, ...argv);
  await first.says('An admin of the workspace has to approve');
  assert.equal(orchestrator.registers[0]?.join_token, token);
  first.child.kill('SIGTERM');
  await once(first.child, 'exit');
  assert.equal(first.child.exitCode, 0);
  const second = start(t, ...argv);
  await second.says('Connected as');
  assert.equal(orchestrator.registers[1]?.join_token, undefined);
});

test('stopping it ends running jobs with an outcome that names the owner', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const run = start(t, 'join', orchestrator.url, '--state-dir', stateDir);
  await run.says('Connected as');
  const job = shellJob('echo up; sleep 60');
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.textOf(job) === 'up\n', 'output');
  run.child.kill('SIGTERM');
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.failure?.cause, 'owner');
  assert.equal(outcome.failure?.code, 'agent_stopped');
  if (run.child.exitCode === null) await once(run.child, 'exit');
  assert.equal(run.child.exitCode, 0);
});

test('explains wrong arguments', async (t) => {
  const stateDir = await temporaryFolder(t);
  const cases: [string[], RegExp][] = [
    [['join'], /join needs the address/],
    [['fly'], /fly is no command/],
    [['approve'], /Name one claim, or say --all/],
    [['run', '--state-dir', stateDir], /has not joined an orchestrator yet/],
    [['join', 'http://cloud.example.org', '--state-dir', stateDir], /is not encrypted/],
    [['join', 'https://x.example', '--cpu-cores', 'many'], /--cpu-cores takes a number/],
    [['join', 'https://x.example', '--cpu-cores', '4096', '--state-dir', stateDir], /cannot lend 4096/],
    [['join', 'https://x.example', '--label', 'A B'], /--label takes KEY=VALUE/],
    [
      ['join', 'https://x.example', '--token', 'abc', '--state-dir', stateDir],
      /does not look like a join token/,
    ],
    [['status', '--no-such'], /no-such/],
  ];
  for (const [argv, expected] of cases) {
    const result = await ask(t, ...argv);
    assert.equal(result.code, 1, argv.join(' '));
    assert.match(result.output, expected);
  }
  await mkdir(stateDir, { recursive: true });
});

test('makes a node name of any host name', () => {
  assert.equal(nodeNameOf('Atlas.local'), 'atlas');
  assert.equal(nodeNameOf("Anna's MacBook Pro"), 'anna-s-macbook-pro');
  assert.equal(nodeNameOf('...'), 'node');
  assert.equal(nodeNameOf('日本'), 'node');
});
