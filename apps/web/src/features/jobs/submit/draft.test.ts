import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JobSpec, StoredJobSpec } from '@otherthing/protocol/job-spec';
import { draftOf, EMPTY_DRAFT, newPair, specOf } from './draft.ts';
import { exampleJob } from './examples.ts';

test('a filled form becomes a spec that the contract takes', () => {
  const spec = specOf(
    {
      ...EMPTY_DRAFT,
      kind: 'command',
      command: "wc -l 'a b.txt'",
      env: [newPair('MODE', 'fast'), newPair('', 'ignored')],
      secrets: [newPair('KEY', 's3cret')],
      cpuCores: 0.5,
    },
    [{ path: 'a b.txt', sha256: 'a'.repeat(64), size: 3 }],
    { rack: '3' },
  );
  const parsed = JobSpec.parse(spec);
  assert.equal(parsed.kind, 'process');
  assert.deepEqual(parsed.kind === 'process' && parsed.command, ['wc', '-l', 'a b.txt']);
  assert.deepEqual(
    [parsed.env, parsed.secrets, parsed.resources.cpuCores],
    [{ MODE: 'fast' }, { KEY: 's3cret' }, 0.5],
  );
  assert.deepEqual(parsed.placement.labels, { rack: '3' });
});

test('an empty command and broken JSON are said in words', () => {
  assert.throws(() => specOf({ ...EMPTY_DRAFT, kind: 'command' }, [], {}), /command is empty/);
  assert.throws(
    () => specOf({ ...EMPTY_DRAFT, kind: 'script', source: 'x', input: '{' }, [], {}),
    /not valid JSON/,
  );
});

test('edit and run brings every field back but the values of secrets', () => {
  const spec = JobSpec.parse(
    specOf(
      { ...EMPTY_DRAFT, shell: 'echo hi', name: 'n', lostNode: 1, secrets: [newPair('KEY', 'x')] },
      [],
      {},
    ),
  );
  const { network: _, ...stored } = { ...spec, secrets: Object.keys(spec.secrets), network: undefined };
  const draft = draftOf(StoredJobSpec.parse(stored), '');
  assert.deepEqual([draft.kind, draft.shell, draft.name, draft.lostNode], ['shell', 'echo hi', 'n', 1]);
  assert.deepEqual(
    draft.secrets.map(({ name, value }) => [name, value]),
    [['KEY', '']],
  );
});

test('the examples follow the contract', () => {
  for (const kind of ['process', 'script'] as const) JobSpec.parse(exampleJob(kind).spec);
});
