import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinCommand, splitCommand } from './command-line.ts';

test('splits as a shell does, without expanding anything', () => {
  assert.deepEqual(splitCommand(`python3 -c 'print("a b")'  "x y" z\\ w ""`), [
    'python3',
    '-c',
    'print("a b")',
    'x y',
    'z w',
    '',
  ]);
  assert.deepEqual(splitCommand('echo $HOME *.txt'), ['echo', '$HOME', '*.txt']);
  assert.deepEqual(splitCommand('   '), []);
});

test('an open quote is an error, not a guess', () => {
  assert.throws(() => splitCommand(`echo "oops`), /never closed/);
});

test('what is joined is split again into the same words', () => {
  const words = ['sh', '-c', `echo "it's $HOME" \\ done`, '', 'a\nb'];
  assert.deepEqual(splitCommand(joinCommand(words)), words);
});
