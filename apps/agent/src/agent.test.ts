import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scriptJob, shellJob, startAgent, startOrchestrator } from './testing/agent-fixture.ts';

test('connects, runs a script job and delivers its result', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => orchestrator.of('reconcile')[0], 'the first reconcile');
  const job = scriptJob('console.log("hello"); return { sum: input.a + input.b };', {
    input: { a: 2, b: 3 },
  });
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'succeeded');
  assert.deepEqual(outcome.result, { sum: 5 });
  assert.equal(orchestrator.textOf(job), 'hello\n');
  assert.ok(orchestrator.of('started').some((m) => m.attempts[0]?.job_id === job.job_id));
  assert.deepEqual(orchestrator.violations, []);
});

test('runs a process job with inputs and hands over output, artifacts and outcome in this order', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => orchestrator.of('reconcile')[0], 'the first reconcile');
  const input = orchestrator.addInput('some words\n');
  const job = shellJob(
    'cat "$OT_INPUT/docs/a.txt"; echo oops >&2; tr a-z A-Z < "$OT_INPUT/docs/a.txt" > "$OT_OUTPUT/b.txt"; exit 3',
    {
      inputs: [{ path: 'docs/a.txt', ...input, executable: false }],
    },
  );
  orchestrator.assign(job);
  const outcome = await orchestrator.outcomeOf(job);
  assert.equal(outcome.state, 'failed');
  assert.equal(outcome.exit_code, 3);
  assert.deepEqual(outcome.failure?.cause, 'job');
  assert.equal(orchestrator.textOf(job), 'some words\n');
  assert.equal(orchestrator.textOf(job, 'stderr'), 'oops\n');
  assert.deepEqual(
    outcome.artifacts.map((a) => a.path),
    ['b.txt'],
  );
  assert.equal(orchestrator.artifacts.get(outcome.artifacts[0]?.sha256 ?? '')?.toString(), 'SOME WORDS\n');
  assert.deepEqual(orchestrator.violations, []);
});
