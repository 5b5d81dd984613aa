import assert from 'node:assert/strict';
import test from 'node:test';
import { ROLES } from '@otherthing/protocol/http';
import { can, roleAtLeast } from './roles.ts';

test('every role is at least itself and those below', () => {
  const expected = { viewer: 1, member: 2, admin: 3, owner: 4 };
  for (const role of ROLES)
    assert.equal(ROLES.filter((needed) => roleAtLeast(role, needed)).length, expected[role], role);
});

test('only admins and owners see and revoke the tokens of everybody', () => {
  for (const action of ['access-tokens:see-all', 'access-tokens:revoke-all'] as const)
    assert.deepEqual(
      ROLES.filter((role) => can(role, action)),
      ['admin', 'owner'],
    );
});
