import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError } from '@otherthing/protocol/errors';
import { resetPassword } from './reset-password.ts';

function run(args: string[], typed: string | null = null) {
  const lines: string[] = [];
  const asked: string[] = [];
  const done: { email: string; password: string }[] = [];
  const code = resetPassword({
    args,
    print: (line) => lines.push(line),
    readPassword: async (from) => {
      asked.push(from);
      return typed;
    },
    reset: async (input) => {
      if (input.email === 'nobody@example.org') throw new AppError('not_found');
      done.push(input);
      return { name: 'Ada', email: input.email };
    },
  });
  return { code, lines, asked, done };
}

test('a typed password is set and not shown', async () => {
  const { code, lines, asked, done } = run(['Ada@Example.org'], 'correct horse');
  assert.equal(await code, 0);
  assert.deepEqual(done, [{ email: 'ada@example.org', password: 'correct horse' }]);
  assert.deepEqual(asked, ['terminal']);
  assert(!lines.join('\n').includes('correct horse'));
});

test('without a terminal, or with an empty answer, a password is made and shown once', async () => {
  for (const typed of [null, '']) {
    const { code, lines, done } = run(['ada@example.org'], typed);
    assert.equal(await code, 0);
    assert.match(done[0]!.password, /^[0-9a-z]{20}$/);
    assert.equal(lines.filter((line) => line.includes(done[0]!.password)).length, 1);
  }
});

test('--stdin reads the password from standard input', async () => {
  const { code, asked } = run(['--stdin', 'ada@example.org'], 'correct horse');
  assert.equal(await code, 0);
  assert.deepEqual(asked, ['stdin']);
});

test('a password on the command line is not taken', async () => {
  const { code, done, lines } = run(['ada@example.org', 'correct horse']);
  assert.equal(await code, 2);
  assert.deepEqual(done, []);
  assert.match(lines.join('\n'), /Usage/);
});

test('wrong addresses, short passwords and unknown people are refused with the reason', async () => {
  await assert.rejects(run(['ada']).code, /ada is not an e-mail address/);
  await assert.rejects(run(['ada@example.org'], 'short').code, /at least 10 characters/);
  await assert.rejects(run(['nobody@example.org'], 'correct horse').code, { code: 'not_found' });
});

test('help ends well, nothing ends with usage', async () => {
  assert.equal(await run(['--help']).code, 0);
  assert.equal(await run([]).code, 2);
});
