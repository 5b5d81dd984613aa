import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError, ErrorBody } from '@otherthing/protocol/errors';
import { errorBody, toAppError } from './errors.ts';

const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

test('an AppError passes as it is', () => {
  const error = new AppError('forbidden');
  assert.equal(toAppError(error), error);
});

test('an unknown error loses its detail', () => {
  const error = toAppError(new Error('password=hunter2 in row 5'));
  assert.equal(error.code, 'internal');
  assert.doesNotMatch(JSON.stringify(errorBody(error, 'r')), /hunter2/);
});

test('an error of our own code that looks like broken JSON is not blamed on the caller', () => {
  assert.equal(toAppError(new SyntaxError('Unexpected token')).code, 'internal');
});

for (const [what, error, code] of [
  ['a full disk', coded('ENOSPC'), 'disk_full'],
  ['a full disk of the database', coded('53100'), 'disk_full'],
  ['a database that shuts down', coded('57P01'), 'unavailable'],
  ['too many connections', coded('53300'), 'unavailable'],
  ['a missing socket of the database', coded('ENOENT', 'connect ENOENT /x/.s.PGSQL.5432'), 'unavailable'],
  ['a cut connection to the database', new Error('Connection terminated unexpectedly'), 'unavailable'],
  ['a pool that gets no connection', new Error('timeout exceeded when trying to connect'), 'unavailable'],
  ['a missing file', coded('ENOENT', 'open x'), 'internal'],
  ['a NUL in a text', coded('22021'), 'bad_request'],
  ['a violated constraint', coded('23505'), 'internal'],
  ['a body that is too large', coded('FST_ERR_CTP_BODY_TOO_LARGE'), 'too_large'],
  ['an unknown content type', coded('FST_ERR_CTP_INVALID_MEDIA_TYPE'), 'bad_request'],
  ['broken JSON', Object.assign(new SyntaxError('x'), { statusCode: 400 }), 'bad_request'],
  ['a mistake of ours in the framework', coded('FST_ERR_REP_ALREADY_SENT'), 'internal'],
  ['something thrown that is no error', 'text', 'internal'],
] as const) {
  test(`${what} becomes ${code}`, () => {
    assert.equal(toAppError(error).code, code);
  });
}

test('the body has the documented shape, with the request id', () => {
  const body = errorBody(new AppError('bad_request', { details: [{ path: 'a' }] }), 'req-1');
  assert.deepEqual(ErrorBody.parse(body), body);
  assert.equal(body.error.requestId, 'req-1');
});
