import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { scriptJob, shellJob, startAgent, startOrchestrator, testLogger } from '../testing/agent-fixture.ts';
import type { ScriptedOrchestrator } from '../testing/scripted-orchestrator.ts';

const connected = (orchestrator: ScriptedOrchestrator) =>
  orchestrator.until(() => orchestrator.of('reconcile')[0], 'the first reconcile');
const refOf = (job: { job_id: string; epoch: number }) => ({ job_id: job.job_id, epoch: job.epoch });

async function eventually(isTrue: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !(await isTrue()); ) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('an assignment that comes twice runs once, also after its outcome was acknowledged', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('echo once');
  orchestrator.assign(job, job);
  orchestrator.assign(job);
  await orchestrator.outcomeOf(job);
  await eventually(() => agent.status().unacknowledged === 0, 'the acknowledgement');
  orchestrator.assign(job);
  const marker = shellJob('true');
  orchestrator.assign(marker);
  await orchestrator.outcomeOf(marker);
  assert.equal(orchestrator.outcomeLog.filter((outcome) => outcome.job_id === job.job_id).length, 1);
  assert.equal(orchestrator.textOf(job), 'once\n');
});

test('a newer epoch of a job stops the older attempt, an older one is ignored', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const older = shellJob('echo old; sleep 60');
  orchestrator.assign(older);
  await orchestrator.until(() => orchestrator.textOf(older) === 'old\n', 'its output');
  const newer = { ...shellJob('echo new'), job_id: older.job_id, epoch: 2 };
  orchestrator.assign(newer);
  orchestrator.assign(older);
  const outcome = await orchestrator.outcomeOf(newer);
  assert.equal(outcome.state, 'succeeded');
  await eventually(() => agent.status().jobs.length === 0, 'the older attempt gone');
  assert.ok(!orchestrator.outcomes.has(`${older.job_id}.1`));
});

test('cancel ends the job and says so; a job that is still fetching its inputs too', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const running = shellJob('echo up; sleep 60');
  orchestrator.assign(running);
  await orchestrator.until(() => orchestrator.textOf(running) === 'up\n', 'its output');
  const input = orchestrator.addInput(Buffer.alloc(1024 * 1024, 'x'));
  orchestrator.stallDownloads = true;
  const fetching = shellJob('echo never', { inputs: [{ path: 'a', ...input, executable: false }] });
  orchestrator.assign(fetching);
  await orchestrator.until(() => orchestrator.requests.length > 0, 'its download');
  orchestrator.send({
    type: 'cancel',
    attempts: [running, fetching].map((job) => ({ ...refOf(job), reason: 'cancelled' })),
  });
  assert.equal((await orchestrator.outcomeOf(running)).state, 'cancelled');
  assert.equal((await orchestrator.outcomeOf(fetching)).state, 'cancelled');
  await eventually(() => agent.status().used.cpuCores < 0.01, 'its place to be free again');
});

test('a superseded attempt is stopped and leaves neither outcome nor files', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('echo up; sleep 60');
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.textOf(job) === 'up\n', 'its output');
  orchestrator.send({ type: 'cancel', attempts: [{ ...refOf(job), reason: 'superseded' }] });
  await eventually(() => agent.status().jobs.length === 0, 'the attempt gone');
  await eventually(async () => (await readdir(join(agent.stateDir, 'runs'))).length === 0, 'its files gone');
  assert.equal(orchestrator.outcomes.size, 0);
});

test('after an outage jobs run on, output continues where it was stored, and nothing is lost', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob(
    'i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.05; done; echo x > "$OT_OUTPUT/x"',
  );
  orchestrator.assign(job);
  for (let cut = 0; cut < 3; cut += 1) {
    const before = orchestrator.textOf(job).length;
    await orchestrator.until(() => orchestrator.textOf(job).length > before, 'more output');
    orchestrator.dropSocket();
  }
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'succeeded');
  const expected = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('');
  assert.equal(orchestrator.textOf(job), expected);
  assert.ok(orchestrator.registers.length >= 3);
  const states = orchestrator.of('reconcile').flatMap((message) => message.attempts);
  assert.ok(states.some((attempt) => attempt.job_id === job.job_id && attempt.state === 'running'));
  assert.deepEqual(orchestrator.violations, []);
  await eventually(async () => (await readdir(join(agent.stateDir, 'runs'))).length === 0, 'its files gone');
});

test('an outcome is sent until it is acknowledged, and its files stay until then', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutcomes: false });
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('echo kept > "$OT_OUTPUT/kept"');
  orchestrator.assign(job);
  await orchestrator.outcomeOf(job);
  const folder = join(agent.stateDir, 'runs', `${job.job_id}.1`, 'output/kept');
  assert.equal(await readFile(folder, 'utf8'), 'kept\n');
  assert.equal(agent.status().unacknowledged, 1);
  orchestrator.dropSocket();
  await orchestrator.until(() => orchestrator.outcomeLog.length >= 2, 'the outcome once more');
  assert.equal(await readFile(folder, 'utf8'), 'kept\n');
  orchestrator.options = { ...orchestrator.options, ackOutcomes: true };
  orchestrator.dropSocket();
  await eventually(() => agent.status().unacknowledged === 0, 'the acknowledgement');
  await eventually(async () => (await readdir(join(agent.stateDir, 'runs'))).length === 0, 'its files gone');
  assert.deepEqual(new Set(orchestrator.outcomeLog.map((outcome) => outcome.seq)), new Set([1]));
});

test('what the orchestrator does not want at a reconcile is stopped and dropped, and nothing else', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const wanted = shellJob('echo up; sleep 60');
  const unwanted = shellJob('echo up; sleep 60');
  orchestrator.assign(wanted, unwanted);
  await orchestrator.until(() => orchestrator.textOf(wanted) && orchestrator.textOf(unwanted), 'both');
  orchestrator.dropSocket();
  const reconcile = await orchestrator.until(
    () => orchestrator.of('reconcile').find((message) => message.attempts.length === 2),
    'the reconcile with both',
  );
  assert.deepEqual(new Set(reconcile.attempts.map((attempt) => attempt.state)), new Set(['running']));
  const later = shellJob('echo up; sleep 60');
  orchestrator.assign(later);
  orchestrator.send({ type: 'desired', attempts: [refOf(wanted)] });
  await orchestrator.until(() => orchestrator.textOf(later), 'the one that came later');
  await eventually(() => agent.status().jobs.length === 2, 'one of three gone');
  assert.deepEqual(
    new Set(agent.status().jobs.map((job) => job.jobId)),
    new Set([wanted.job_id, later.job_id]),
  );
});

test('refuses what does not fit, naming limit and knob, and takes it once there is room', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url, limits: { cpuCores: 1, ramPercent: 50 } });
  await connected(orchestrator);
  const resources = (changes: object) => ({ ...shellJob('').resources, ...changes });
  const first = shellJob('echo up; sleep 60', { resources: resources({ cpuCores: 1 }) });
  orchestrator.assign(first);
  await orchestrator.until(() => orchestrator.textOf(first), 'the first');
  const second = shellJob('true', { resources: resources({ cpuCores: 0.5 }) });
  const memory = shellJob('true', { resources: resources({ cpuCores: 0.1, memoryMb: 10_000_000 }) });
  const disk = shellJob('true', { resources: resources({ cpuCores: 0.1, diskMb: 16_000_000 }) });
  orchestrator.assign(second, memory, disk);
  const reasons = await orchestrator.until(() => {
    const all = orchestrator.of('refused').flatMap((message) => message.attempts);
    return all.length >= 3 && new Map(all.map((attempt) => [attempt.job_id, attempt.reason]));
  }, 'the refusals');
  assert.match(reasons.get(second.job_id) ?? '', /asks for 0.5 CPU cores; 0 of the 1 .*cpuCores/);
  orchestrator.send({ type: 'cancel', attempts: [{ ...refOf(first), reason: 'cancelled' }] });
  await orchestrator.outcomeOf(first);
  orchestrator.assign(second, memory, disk);
  assert.equal((await orchestrator.outcomeOf(second)).state, 'succeeded');
  const all = () => orchestrator.of('refused').flatMap((message) => message.attempts);
  const last = (job: { job_id: string }) =>
    all().findLast((attempt) => attempt.job_id === job.job_id)?.reason;
  await orchestrator.until(() => all().length >= 5, 'the refusals');
  assert.match(last(memory) ?? '', /MiB of memory.*ramPercent 50/);
  assert.match(last(disk) ?? '', /MiB of disk \(diskMb\)/);
});

test('secrets show up nowhere: not in output, result, failure or on the disk of the agent', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutcomes: false });
  const agent = await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const secrets = { API_KEY: 'sk-very-secret-value' };
  const script = scriptJob(
    'process.stdout.write("start sk-very-"); await new Promise((r) => setTimeout(r, 100)); console.log("secret-value end"); return { key: process.env.API_KEY };',
    { secrets },
  );
  const shell = shellJob('echo "$API_KEY" | fold -w 3 | tr -d "\\n"; echo "$API_KEY" >&2', { secrets });
  orchestrator.assign(script, shell);
  const outcome = await orchestrator.outcomeOf(script);
  await orchestrator.outcomeOf(shell);
  assert.equal(orchestrator.textOf(script), 'start *** end\n');
  assert.deepEqual(outcome.result, { key: '***' });
  assert.equal(orchestrator.textOf(shell), '***');
  assert.equal(orchestrator.textOf(shell, 'stderr'), '***\n');
  const files = await readdir(agent.stateDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const text = await readFile(join(file.parentPath, file.name), 'latin1');
    assert.ok(!text.includes('sk-very-secret-value'), `${file.parentPath}/${file.name}`);
  }
});

test('10 MB/s of output with slow acknowledgements arrives whole and in order', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutputMs: 20 });
  await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('seq 1 1500000');
  const quiet = shellJob('sleep 0.2; echo me too');
  orchestrator.assign(job, quiet);
  await orchestrator.outcomeOf(quiet);
  assert.ok(!orchestrator.outcomes.has(`${job.job_id}.1`), 'the quiet job waited for the loud one');
  const outcome = await orchestrator.until(
    () => orchestrator.outcomes.get(`${job.job_id}.1`),
    'all of it',
    60_000,
  );
  assert.equal(outcome.state, 'succeeded');
  const text = orchestrator.textOf(job);
  assert.equal(text.length, 10_888_896);
  assert.ok(text.endsWith('1499999\n1500000\n'));
  assert.ok(orchestrator.maxInFlight <= 256 * 1024, `${orchestrator.maxInFlight} in flight`);
  assert.deepEqual(orchestrator.violations, []);
});

test('a job that prints faster than output is stored waits instead of filling disk or memory', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutputMs: -1 });
  const agent = await startAgent(t, {
    url: orchestrator.url,
    caps: { spoolBytes: 1024 * 1024, reserveBytes: 4096, keepFreeBytes: 0 },
  });
  await connected(orchestrator);
  const job = shellJob('yes | head -c 50000000; touch "$OT_OUTPUT/printed"');
  orchestrator.assign(job);
  await orchestrator.until(() => orchestrator.maxInFlight > 0, 'some output');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const folder = join(agent.stateDir, 'runs', `${job.job_id}.1`);
  assert.deepEqual(await readdir(join(folder, 'output')), [], 'it printed everything');
  orchestrator.options = { ...orchestrator.options, ackOutputMs: 0 };
  orchestrator.dropSocket();
  const outcome = await orchestrator.until(
    () => orchestrator.outcomes.get(`${job.job_id}.1`),
    'its end',
    60_000,
  );
  assert.equal(outcome.artifacts.length, 1);
  assert.equal(orchestrator.textOf(job).length, 50_000_000);
});

test('output beyond the cap is counted and cut with a notice; the job runs on', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url, caps: { outputBytes: 1024 * 1024, keepFreeBytes: 0 } });
  await connected(orchestrator);
  const job = shellJob('yes | head -c 3000000; exit 4');
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.exit_code, 4);
  const kept = orchestrator.textOf(job).length;
  assert.equal(kept + outcome.output_cut_bytes, 3_000_000);
  assert.ok(kept <= 1024 * 1024 && kept > 900_000);
  assert.match(orchestrator.textOf(job, 'notice'), /Output beyond 1 MiB is not kept/);
});

test('output that nobody wants any more does not hold the job back', async (t) => {
  const orchestrator = await startOrchestrator(t, { ackOutputMs: -1 });
  await startAgent(t, { url: orchestrator.url, caps: { spoolBytes: 512 * 1024, keepFreeBytes: 0 } });
  await connected(orchestrator);
  const job = shellJob('yes | head -c 20000000');
  orchestrator.assign(job);
  const open = await orchestrator.until(() => orchestrator.of('output_open')[0], 'its channel');
  orchestrator.send({ type: 'output_ack', channel: open.channel, offset: 0, closed: true });
  await orchestrator.until(() => orchestrator.outcomeLog[0], 'its end');
});

test('a broken download goes on where it stopped, and a second job downloads nothing', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const content = Buffer.alloc(3 * 1024 * 1024, 'abcdefgh');
  const input = { path: 'in/data', ...orchestrator.addInput(content), executable: true };
  orchestrator.breakDownloadAfter = 1024 * 1024;
  const script =
    'cksum < "$OT_INPUT/in/data"; test -x "$OT_INPUT/in/data" && echo x >> "$OT_INPUT/in/data"; true';
  const first = shellJob(script, { inputs: [input] });
  orchestrator.assign(first);
  assert.equal((await orchestrator.outcomeOf(first)).state, 'succeeded');
  const gets = () => orchestrator.requests.filter((request) => request.startsWith('GET')).length;
  assert.equal(gets(), 2);
  const second = shellJob(script, { inputs: [input] });
  orchestrator.assign(second);
  await orchestrator.outcomeOf(second);
  assert.equal(gets(), 2);
  assert.equal(
    orchestrator.textOf(second),
    orchestrator.textOf(first),
    'a job changed what the next one read',
  );
  assert.ok(orchestrator.transferTokens.every((token) => token === 'Bearer transfer-1'));
});

test('an input that is gone fails the job with the words of the orchestrator', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('true', {
    inputs: [{ path: 'a', sha256: 'a'.repeat(64), size: 3, executable: false }],
  });
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.failure?.cause, 'platform');
  assert.equal(outcome.failure?.code, 'blob_not_found');
});

test('an interrupted upload goes on where it stopped', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  orchestrator.breakUploadAfter = 2 * 1024 * 1024;
  const job = shellJob('head -c 8000000 /dev/urandom > "$OT_OUTPUT/big"; : > "$OT_OUTPUT/empty"');
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.artifacts.length, 2);
  assert.ok(
    orchestrator.requests.some((request) => /^PUT .*offset=[1-9]/.test(request)),
    orchestrator.requests.join('\n'),
  );
  assert.deepEqual(orchestrator.violations, []);
});

test('files that the workspace has no room for fail the job and say why', async (t) => {
  const orchestrator = await startOrchestrator(t);
  orchestrator.refuseUploads = { status: 507, code: 'quota_exceeded' };
  await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('echo x > "$OT_OUTPUT/x"');
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'failed');
  assert.equal(outcome.failure?.code, 'quota_exceeded');
  assert.deepEqual(outcome.skipped, [{ path: 'x', reason: 'not handed over' }]);
});

test('a process that escaped with the pipe does not hold the end of its job back', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await connected(orchestrator);
  const job = shellJob('setsid sleep 20 & echo done; exit 0');
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'succeeded');
  assert.equal(orchestrator.textOf(job), 'done\n');
});

test('a command that does not exist fails with the reason', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url, logger: testLogger });
  await connected(orchestrator);
  const job = { ...shellJob(''), command: ['/no/such/program'] };
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.failure?.code, 'failed_to_start');
  assert.match(outcome.failure?.message ?? '', /ENOENT/);
});
