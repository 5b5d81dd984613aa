import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AgentStatus, askAgent } from './local-api/index.ts';
import { shellJob, startOrchestrator, temporaryFolder } from './testing/agent-fixture.ts';
import type { ScriptedOrchestrator } from './testing/scripted-orchestrator.ts';

/** A real agent process that is killed without warning at the steps of a job, and started again. */
const PROGRAM = fileURLToPath(new URL('./testing/agent-process.ts', import.meta.url));

function run(t: TestContext, orchestrator: ScriptedOrchestrator, stateDir: string): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, 'run', orchestrator.url, '--state-dir', stateDir], {
    stdio: 'ignore',
  });
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const ready = (orchestrator: ScriptedOrchestrator, count = 1) =>
  orchestrator.until(() => orchestrator.of('reconcile').length >= count, `reconcile ${count}`);

test('killed while a job runs: the job fails as lost with its agent, and the next one runs', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const first = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  const job = shellJob('echo up; sleep 3');
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.textOf(job), 'its output');
  await kill(first);
  run(t, orchestrator, stateDir);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'failed');
  assert.deepEqual([outcome.failure?.cause, outcome.failure?.code], ['node', 'agent_restarted']);
  const next = shellJob('echo next');
  orchestrator.assign(next);
  assert.equal((await orchestrator.outcomeOf(next)).state, 'succeeded');
});

test('killed while it fetches inputs: the attempt fails as lost, and the download goes on for the next', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const first = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  const content = Buffer.alloc(1024 * 1024, 'q');
  const input = { path: 'a', ...orchestrator.addInput(content), executable: false };
  orchestrator.stallDownloads = true;
  const job = shellJob('wc -c < "$OT_INPUT/a"', { inputs: [input] });
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.requests.length > 0, 'its download');
  await new Promise((resolve) => setTimeout(resolve, 200));
  await kill(first);
  orchestrator.stallDownloads = false;
  run(t, orchestrator, stateDir);
  assert.equal((await orchestrator.outcomeOf(job)).failure?.code, 'agent_restarted');
  const again = { ...job, epoch: 2 };
  orchestrator.assign(again);
  assert.equal((await orchestrator.outcomeOf(again)).state, 'succeeded');
  assert.match(orchestrator.textOf(again), /1048576/);
});

test('killed between the end of a job and the storing of its output: everything is delivered later', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutputMs: -1 });
  const stateDir = await temporaryFolder(t);
  const first = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  const job = shellJob('seq 1 100000; echo file > "$OT_OUTPUT/file"; exit 7');
  orchestrator.assign(job);
  await orchestrator.until(
    () => orchestrator.of('reconcile').length > 0 && orchestrator.maxInFlight > 0,
    'output',
  );
  // Its end is durable once the agent says so.
  for (const end = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    assert.ok(Date.now() < end, 'it never ends');
    const { jobs } = AgentStatus.parse(await askAgent(stateDir, { command: 'status' }));
    if (jobs[0]?.state === 'delivering') break;
  }
  await new Promise((resolve) => setTimeout(resolve, 200));
  await kill(first);
  orchestrator.options = { ...orchestrator.options, ackOutputMs: 0 };
  run(t, orchestrator, stateDir);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.exit_code, 7);
  assert.equal(outcome.failure?.code, 'exit_code');
  const expected = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n`).join('');
  assert.equal(orchestrator.textOf(job), expected);
  assert.equal(orchestrator.artifacts.get(outcome.artifacts[0]?.sha256 ?? '')?.toString(), 'file\n');
  assert.deepEqual(orchestrator.violations, []);
});

test('killed while it uploads: the upload goes on', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const first = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  orchestrator.stallUploadAfter = 1024 * 1024;
  const job = shellJob('head -c 6000000 /dev/urandom > "$OT_OUTPUT/big"');
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.stalledUploads > 0, 'its upload');
  await kill(first);
  orchestrator.stallUploadAfter = undefined;
  run(t, orchestrator, stateDir);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'succeeded');
  assert.deepEqual(orchestrator.violations, []);
});

test('killed before its outcome was acknowledged: it is sent again and then forgotten', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutcomes: false });
  const stateDir = await temporaryFolder(t);
  const first = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  const job = shellJob('echo done > "$OT_OUTPUT/x"');
  orchestrator.assign(job);
  await orchestrator.outcomeOf(job);
  await kill(first);
  orchestrator.options = { ...orchestrator.options, ackOutcomes: true };
  run(t, orchestrator, stateDir);
  await orchestrator.until(() => orchestrator.outcomeLog.length >= 2, 'the outcome once more');
  assert.deepEqual(orchestrator.outcomeLog[0], orchestrator.outcomeLog[1]);
  const ids = new Set(orchestrator.of('outcomes').map((message) => message.outbox_id));
  assert.equal(ids.size, 2, 'a new process numbers anew under a new id');
  for (const end = Date.now() + 5000; (await readdir(join(stateDir, 'runs'))).length > 0; ) {
    assert.ok(Date.now() < end, 'its files stay');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test('killed over and over while many jobs run: every job has exactly one recorded end', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  let agent = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  const jobs = Array.from({ length: 40 }, (_, i) =>
    shellJob(`sleep 0.${i % 10}; echo ${i}; echo ${i} > "$OT_OUTPUT/n"`, {
      resources: { ...shellJob('').resources, cpuCores: 0.1, memoryMb: 16 },
    }),
  );
  let assigned = 0;
  for (let round = 0; round < 4; round += 1) {
    const batch = jobs.slice(assigned, assigned + 10);
    assigned += 10;
    orchestrator.assign(...batch);
    await new Promise((resolve) => setTimeout(resolve, 100 + round * 150));
    await kill(agent);
    const before = orchestrator.of('reconcile').length;
    agent = run(t, orchestrator, stateDir);
    await ready(orchestrator, before + 1);
    // As an orchestrator does: what the agent does not hold and never ended is assigned again.
    const held = new Set(
      orchestrator
        .of('reconcile')
        .at(-1)
        ?.attempts.map((attempt) => attempt.job_id),
    );
    const missing = batch.filter(
      (job) => !held.has(job.job_id) && !orchestrator.outcomes.has(`${job.job_id}.1`),
    );
    if (missing.length > 0) orchestrator.assign(...missing);
  }
  for (const job of jobs) {
    const outcome = await orchestrator.outcomeOf(job);
    if (outcome.state === 'succeeded') assert.equal(outcome.artifacts.length, 1);
    else assert.equal(outcome.failure?.code, 'agent_restarted');
  }
  assert.deepEqual(orchestrator.violations, []);
});

test('stopped for a while like a suspended machine: it connects again and its job goes on', async (t) => {
  const orchestrator = await startOrchestrator(t, { heartbeatMs: 200 });
  const stateDir = await temporaryFolder(t);
  const agent = run(t, orchestrator, stateDir);
  await ready(orchestrator);
  const job = shellJob('for i in 1 2 3 4 5 6; do echo $i; sleep 0.4; done');
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.textOf(job), 'its output');
  agent.kill('SIGSTOP');
  orchestrator.dropSocket();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  agent.kill('SIGCONT');
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'succeeded');
  assert.equal(orchestrator.textOf(job), '1\n2\n3\n4\n5\n6\n');
});
