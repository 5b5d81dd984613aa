import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { AppError } from '@otherthing/protocol/errors';
import { defineRoute, type Role, type Scope } from '@otherthing/protocol/http';
import { silentLogger } from '@otherthing/runtime';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { createOriginPolicy } from './origin.ts';
import type { Guard, Principal } from './principal.ts';
import { createServe } from './serve.ts';
import { createHttpServer } from './server.ts';

const WORKSPACE = 'ws-01kawz3c9v5x3r0j8n2q4t6w8y';
const person = { userId: 'user-1', name: 'Ada', email: 'ada@example.org', credentialId: 'sess-1' };

/** Callers are named by their bearer: `cookie`, `cli`, or `token:<scope>`; roles by a header-free map. */
const roles: Record<string, Role> = { cookie: 'admin', cli: 'viewer', 'token:jobs:read': 'member' };
const guard: Guard = {
  async authenticate({ headers }) {
    const name = /^Bearer (.*)$/.exec(headers.get('authorization') ?? '')?.[1];
    if (!name) return null;
    if (!(name in roles)) throw new AppError('token_invalid');
    const via = name === 'cookie' || name === 'cli' ? name : 'access-token';
    const scopes = [name.slice(6)] as Scope[];
    const token = via === 'access-token' ? { token: { workspaceId: WORKSPACE, scopes } } : {};
    return { ...person, name, via, ...token } satisfies Principal;
  },
  async membership({ name }, workspaceId) {
    const role = roles[name];
    if (workspaceId !== WORKSPACE || !role) throw new AppError('workspace_not_found');
    return { workspaceId, role };
  },
  transfer(token) {
    if (token !== 'transfer') throw new AppError('unauthorized');
    return { workspaceId: WORKSPACE, jobId: 'job-1', epoch: 1, nodeId: 'node-1', expiresAt: 1 };
  },
};

const route = defineRoute({
  id: 'test',
  method: 'POST',
  path: '/api/v1/workspaces/:workspaceId/things/:count',
  summary: 'x',
  access: { role: 'member', scope: 'jobs:read' },
  params: z.object({ workspaceId: z.string(), count: z.coerce.number().int() }),
  query: z.object({ deep: z.stringbool().default(false) }),
  body: z.strictObject({ text: z.string().max(5) }),
  reply: z.object({ said: z.string() }),
  status: 202,
});
const echo = defineRoute({
  id: 'echo',
  method: 'PUT',
  path: '/api/v1/echo',
  summary: 'x',
  access: 'transfer',
  body: 'bytes',
  reply: 'bytes',
});
const slow = defineRoute({
  id: 'slow',
  method: 'GET',
  path: '/api/v1/slow',
  summary: 'x',
  access: 'none',
  reply: 'empty',
});

let app: FastifyInstance;
let aborted: Promise<void>;
before(async () => {
  const origins = createOriginPolicy({ publicUrl: undefined, listen: '127.0.0.1' });
  app = createHttpServer({ logger: silentLogger, origins, trustProxy: false });
  const serve = createServe({ app, guard: () => guard, origins });
  serve(route, async ({ params, query, body, principal, membership }) => ({
    said: [params.count + 1, query.deep, body.text, principal.name, membership.role].join(' '),
  }));
  serve(echo, async ({ body, transfer }) => Readable.from([`epoch ${transfer.epoch}: `, await buffer(body)]));
  serve(slow, ({ signal }) => {
    const end = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    aborted = end;
    return end;
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
after(() => app.close());

const call = (as: string, options: { url?: string; body?: unknown; origin?: string } = {}) =>
  app.inject({
    method: 'POST',
    url: options.url ?? `/api/v1/workspaces/${WORKSPACE}/things/41?deep=true`,
    headers: {
      host: 'localhost',
      authorization: `Bearer ${as}`,
      ...(options.origin ? { origin: options.origin } : {}),
    },
    payload: (options.body ?? { text: 'hello' }) as object,
  });

test('a handler gets path, query, body and caller parsed, and the status of the contract is sent', async () => {
  const reply = await call('token:jobs:read');
  assert.equal(reply.statusCode, 202, reply.body);
  assert.deepEqual(reply.json(), { said: '42 true hello token:jobs:read member' });
});

test('a body that does not fit is refused with the place and the problem', async () => {
  const reply = await call('token:jobs:read', { body: { text: 'too long', more: 1 } });
  assert.equal(reply.statusCode, 400);
  const { error } = reply.json();
  assert.equal(error.code, 'bad_request');
  assert(error.details.some((detail: { path: string }) => detail.path === 'body.text'));
});

test('role, scope and workspace are asked for in that order of knowledge', async () => {
  assert.equal((await call('nobody')).json().error.code, 'token_invalid');
  assert.equal((await call('cli')).json().error.code, 'forbidden');
  const url = '/api/v1/workspaces/ws-01kawz3c9v5x3r0j8n2q4t6w8z/things/1';
  assert.equal(
    (await call('cookie', { url, origin: 'http://localhost' })).json().error.code,
    'workspace_not_found',
  );
});

test('only a cookie needs an origin', async () => {
  assert.equal((await call('cookie')).json().error.code, 'origin_refused');
  assert.equal((await call('cookie', { origin: 'http://localhost' })).statusCode, 202);
  assert.equal((await call('token:jobs:read')).statusCode, 202);
});

test('bytes stream in and out for the holder of a transfer token only', async () => {
  const send = (authorization: string) =>
    app.inject({
      method: 'PUT',
      url: '/api/v1/echo',
      headers: { host: 'localhost', authorization, 'content-type': 'application/octet-stream' },
      payload: Buffer.from('abc'),
    });
  const reply = await send('Bearer transfer');
  assert.equal(reply.body, 'epoch 1: abc');
  assert.equal(reply.headers['content-type'], 'application/octet-stream');
  for (const wrong of ['Bearer x', 'transfer', '']) assert.equal((await send(wrong)).statusCode, 401, wrong);
});

test('a handler is told when its caller goes away', async () => {
  const { port } = app.server.address() as AddressInfo;
  const request = httpRequest({ port, host: '127.0.0.1', path: '/api/v1/slow' });
  request.on('error', () => undefined);
  request.end();
  while (!aborted) await new Promise((resolve) => setTimeout(resolve, 5));
  request.destroy();
  await aborted;
});

test('a large body of an unknown caller is not read', async () => {
  const { port } = app.server.address() as AddressInfo;
  const path = `/api/v1/workspaces/${WORKSPACE}/things/1`;
  const headers = { 'content-type': 'application/json', 'content-length': String(10_000_000) };
  const request = httpRequest({ port, host: '127.0.0.1', path, method: 'POST', headers });
  request.on('error', () => undefined);
  request.write('{"text":"');
  const status = await new Promise((resolve) =>
    request.on('response', (response) => resolve(response.statusCode)),
  );
  request.destroy();
  assert.equal(status, 401);
});
