import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilter } from '../../../ui/filter/filter.ts';
import { jobFields, jobListQuery } from './job-filter.ts';

const nodes = [{ id: 'node-1', name: 'atlas' }];

test('the typed filter becomes the query of the API, node names become ids', () => {
  const filter = parseFilter(
    'state:failed,cancelled node:atlas by:me kind:script count words',
    jobFields(nodes),
  );
  assert.deepEqual(jobListQuery(filter, nodes), {
    query: { state: 'failed,cancelled', node: 'node-1', by: 'me', kind: 'script', q: 'count words' },
  });
});

test('a node nobody has is said instead of showing all jobs', () => {
  const { problem } = jobListQuery(parseFilter('node:zeus', jobFields(nodes)), nodes);
  assert.equal(problem, 'There is no node zeus in this workspace.');
});
