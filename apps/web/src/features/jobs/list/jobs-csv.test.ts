import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSummary } from '@otherthing/protocol/http';
import { jobsAsCsv } from './jobs-csv.ts';

const job: JobSummary = {
  id: 'job-1',
  name: '=HYPERLINK("x"), a',
  kind: 'process',
  state: 'failed',
  cancelRequested: false,
  createdBy: { id: 'u', name: 'Ada' },
  node: null,
  attempts: 1,
  createdAt: '2026-11-24T09:00:00.000Z',
  startedAt: null,
  endedAt: null,
  exitCode: -1,
  failure: null,
};

test('quotes cells and disarms formulas, keeps numbers as they are', () => {
  const row = jobsAsCsv([job]).split('\r\n')[1];
  assert.equal(row, `job-1,"'=HYPERLINK(""x""), a",process,failed,,Ada,2026-11-24T09:00:00.000Z,,,-1,`);
});
