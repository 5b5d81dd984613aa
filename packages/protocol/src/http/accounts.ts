import { z } from 'zod';
import { UserId } from '../ids.ts';
import { DisplayName } from '../names.ts';
import { defineRoute, Timestamp } from './route.ts';

export const Email = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase());
export const Password = z.string().min(10, 'must be at least 10 characters').max(256);

export const User = z.object({ id: UserId, name: z.string(), email: z.string() }).meta({ id: 'User' });
export type User = z.infer<typeof User>;

/** One place where a person is signed in: a browser or a CLI. */
export const Session = z
  .object({
    id: z.string(),
    kind: z.enum(['browser', 'cli']),
    current: z.boolean(),
    client: z.string().meta({ description: 'what the client said of itself' }),
    address: z.string().nullable(),
    createdAt: Timestamp,
    lastUsedAt: Timestamp.nullable(),
    expiresAt: Timestamp,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

export const Health = z.object({
  status: z.literal('ok'),
  version: z.string(),
  instance: z.string().meta({ description: 'random id of this start' }),
  startedAt: Timestamp,
});

export const getHealth = defineRoute({
  id: 'getHealth',
  method: 'GET',
  path: '/api/health',
  summary: 'Is the orchestrator up and its database reachable',
  access: 'none',
  reply: Health,
  errors: ['unavailable'],
});

export const getSetup = defineRoute({
  id: 'getSetup',
  method: 'GET',
  path: '/api/v1/setup',
  summary: 'Whether the first user still has to be made',
  access: 'none',
  reply: z.object({ needed: z.boolean() }),
});
export const postSetup = defineRoute({
  id: 'postSetup',
  method: 'POST',
  path: '/api/v1/setup',
  summary: 'Make the first user with the link printed at start; signs in',
  access: 'none',
  body: z.strictObject({ token: z.string().max(128), email: Email, name: DisplayName, password: Password }),
  reply: User,
  status: 201,
  errors: ['setup_link_invalid', 'setup_done'],
});
export const postSignIn = defineRoute({
  id: 'postSignIn',
  method: 'POST',
  path: '/api/v1/auth/sign-in',
  summary: 'Sign in with e-mail and password; sets the session cookie',
  access: 'none',
  body: z.strictObject({ email: Email, password: z.string().max(256) }),
  reply: User,
  errors: ['invalid_credentials'],
});
export const postSignOut = defineRoute({
  id: 'postSignOut',
  method: 'POST',
  path: '/api/v1/auth/sign-out',
  summary: 'End this session',
  access: 'user',
  reply: 'empty',
});
export const getMe = defineRoute({
  id: 'getMe',
  method: 'GET',
  path: '/api/v1/auth/me',
  summary: 'The signed-in person',
  access: 'user',
  reply: User,
});
export const postPassword = defineRoute({
  id: 'postPassword',
  method: 'POST',
  path: '/api/v1/auth/password',
  summary: 'Change the password; ends all other sessions',
  access: 'user',
  body: z.strictObject({ current: z.string().max(256), next: Password }),
  reply: 'empty',
  errors: ['invalid_credentials'],
});
export const listSessions = defineRoute({
  id: 'listSessions',
  method: 'GET',
  path: '/api/v1/auth/sessions',
  summary: 'Where you are signed in',
  access: 'user',
  reply: z.object({ items: z.array(Session) }),
});
export const deleteSession = defineRoute({
  id: 'deleteSession',
  method: 'DELETE',
  path: '/api/v1/auth/sessions/:sessionId',
  summary: 'End one of your sessions',
  access: 'user',
  params: z.object({ sessionId: z.string().max(64) }),
  reply: 'empty',
  errors: ['not_found'],
});

/** CLI login: the CLI shows `userCode`, a signed-in person confirms it in the dashboard, the CLI polls with `deviceCode`. */
export const postCliLogin = defineRoute({
  id: 'postCliLogin',
  method: 'POST',
  path: '/api/v1/auth/cli',
  summary: 'Begin a CLI login',
  access: 'none',
  body: z.strictObject({
    client: z
      .string()
      .max(120)
      .meta({ description: 'shown to the person who confirms, for example "otherthing on atlas"' }),
  }),
  reply: z.object({
    deviceCode: z.string(),
    userCode: z.string(),
    url: z.string(),
    expiresInSeconds: z.number(),
    intervalSeconds: z.number(),
  }),
});
export const postCliPoll = defineRoute({
  id: 'postCliPoll',
  method: 'POST',
  path: '/api/v1/auth/cli/poll',
  summary: 'Ask whether the CLI login was confirmed',
  access: 'none',
  body: z.strictObject({ deviceCode: z.string().max(128) }),
  reply: z.discriminatedUnion('status', [
    z.object({ status: z.literal('pending') }),
    z.object({ status: z.literal('refused') }),
    z.object({ status: z.literal('confirmed'), token: z.string(), user: User }),
  ]),
  errors: ['not_found'],
});
const UserCode = z
  .string()
  .max(16)
  .transform((code) => code.toUpperCase().replace(/[\s-]/g, ''));
export const getCliLogin = defineRoute({
  id: 'getCliLogin',
  method: 'GET',
  path: '/api/v1/auth/cli/:userCode',
  summary: 'Which client waits behind this code',
  access: 'user',
  params: z.object({ userCode: UserCode }),
  reply: z.object({ client: z.string(), address: z.string().nullable(), createdAt: Timestamp }),
  errors: ['not_found'],
});
export const postCliConfirm = defineRoute({
  id: 'postCliConfirm',
  method: 'POST',
  path: '/api/v1/auth/cli/:userCode',
  summary: 'Confirm or refuse a CLI login',
  access: 'user',
  params: z.object({ userCode: UserCode }),
  body: z.strictObject({ confirm: z.boolean() }),
  reply: 'empty',
  errors: ['not_found'],
});
