import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containing, findLine, looksLikeError, splitHits } from './find.ts';
import type { OutputLine } from './output-lines.ts';

const line = (text: string, stream: OutputLine['stream'] = 'stdout'): OutputLine => ({
  text,
  stream,
  time: 1,
  style: {},
});
const lines = [
  line('start'),
  line('a \x1b[31mWar\x1b[0mning'),
  line('ValueError: no'),
  line('Traceback (most recent'),
];

test('search ignores case and colours and goes round', () => {
  const match = containing('warn');
  assert.equal(findLine(lines, match, { from: 0, step: 1 }), 1);
  assert.equal(findLine(lines, match, { from: 2, step: 1 }), 1);
  assert.equal(findLine(lines, match, { from: 0, step: -1 }), 1);
  assert.equal(findLine(lines, containing('absent'), { from: 0, step: 1 }), -1);
  assert.equal(findLine([], match, { from: 0, step: 1 }), -1);
});

test('the first error is found by what programs say, and by notices of limits', () => {
  assert.equal(findLine(lines, looksLikeError, { from: 0, step: 1 }), 2);
  assert.equal(looksLikeError(line('fatal: not a repository', 'stderr')), true);
  assert.equal(looksLikeError(line('Stopped: over the memory limit', 'notice')), true);
  assert.equal(looksLikeError(line('no trouble here')), false);
});

test('hits are cut out of the text', () => {
  assert.deepEqual(splitHits('Abcabc', 'AB'), ['', 'Ab', 'c', 'ab', 'c']);
  assert.deepEqual(splitHits('x', ''), ['x']);
});
