import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labelsProblem, parseLabels, writeLabels } from './labels.ts';

test('labels are written and read the same way', () => {
  assert.deepEqual(parseLabels('rack=3, gpu  room=b-1'), { rack: '3', gpu: '', room: 'b-1' });
  assert.equal(writeLabels({ rack: '3', gpu: '' }), 'rack=3 gpu');
});

test('a label that cannot be one is explained', () => {
  assert.match(labelsProblem('Rack=3') ?? '', /key or key=value/);
  assert.equal(labelsProblem(''), null);
});
