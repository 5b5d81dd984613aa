import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FilterField, parseFilter, suggest } from './filter.ts';

const fields: FilterField[] = [
  { key: 'state', about: 'state of the job', values: ['failed', 'running', 'waiting'] },
  { key: 'node', about: 'node it ran on', values: ['atlas', 'big box'], open: true },
];

test('reads terms, several values, quotes and free words', () => {
  assert.deepEqual(parseFilter('state:failed,running count  node:"big box" "a:b"', fields), {
    terms: { state: ['failed', 'running'], node: ['big box'] },
    words: 'count a:b',
    problems: [],
  });
});

test('names what it does not understand instead of ignoring it silently', () => {
  const { problems, terms } = parseFilter('colour:red state:asleep node:other', fields);
  assert.deepEqual(terms, { node: ['other'] });
  assert.match(problems[0] ?? '', /no filter colour.*state, node/);
  assert.match(problems[1] ?? '', /state is one of failed, running, waiting, not asleep/);
});

test('an unfinished term filters nothing yet', () => {
  assert.deepEqual(parseFilter('state:', fields), { terms: {}, words: '', problems: [] });
});

test('completes field names, then values, at the caret', () => {
  assert.deepEqual(
    suggest('st', 2, fields).map((each) => each.text),
    ['state:'],
  );
  assert.deepEqual(suggest('state:f rest', 7, fields)[0], {
    label: 'failed',
    about: 'state of the job',
    text: 'state:failed rest',
    caret: 12,
  });
  assert.deepEqual(
    suggest('state:failed,', 13, fields).map((each) => each.label),
    ['running', 'waiting'],
  );
  assert.equal(suggest('node:b', 6, fields)[0]?.text, 'node:"big box"');
});

test('suggests every field in an empty box and nothing for a finished value', () => {
  assert.equal(suggest('', 0, fields).length, 2);
  assert.deepEqual(suggest('state:failed', 12, fields), []);
});
