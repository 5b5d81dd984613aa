import { ROLES, type Role } from '@otherthing/protocol/http';

/** owner > admin > member > viewer. */
export const roleAtLeast = (role: Role, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** What a role is needed for where a route alone does not decide it; the routes' own roles are in their contracts. */
const NEEDED = {
  'access-tokens:see-all': 'admin',
  'access-tokens:revoke-all': 'admin',
} as const satisfies Record<string, Role>;

export type Action = keyof typeof NEEDED;

/** Whether somebody with `role` may do `action`. */
export const can = (role: Role, action: Action): boolean => roleAtLeast(role, NEEDED[action]);
