import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { AppError } from '@otherthing/protocol/errors';
import { accounts, jobs, nodes, workspaces } from '@otherthing/protocol/http';
import { encodeRecord } from '@otherthing/protocol/output';
import { createClient } from './client.ts';
import { followOutput } from './follow-output.ts';
import { RequestError } from './request-error.ts';
import { uploadBlob } from './upload-blob.ts';

const workspaceId = 'ws-01kawz3c9v5x3r0j8n2q4t6w8y';
const jobId = 'job-01kawz3c9v5x3r0j8n2q4t6w8y';

async function serverFor(t: { after(fn: () => void): void }, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const user = { id: 'u1', name: 'Ada', email: 'ada@example.org' };

test('fills the path, the query and the token, and parses the reply by its contract', async (t) => {
  const seen: unknown[] = [];
  const baseUrl = await serverFor(t, (request, response) => {
    seen.push(request.method, request.url, request.headers.authorization);
    response.end(JSON.stringify({ items: [], next: null, extra: 1 }));
  });
  const client = createClient({ baseUrl: `${baseUrl}/`, token: 'ots_x' });
  const reply = await client.call(nodes.listNodes, {
    params: { workspaceId },
    query: { state: 'online', q: 'a b&c', limit: 10, cursor: undefined },
  });
  assert.deepEqual(reply, { items: [], next: null });
  assert.deepEqual(seen, [
    'GET',
    `/api/v1/workspaces/${workspaceId}/nodes?state=online&q=a+b%26c&limit=10`,
    'Bearer ots_x',
  ]);
});

test('sends a body as JSON with the given headers and takes an empty answer', async (t) => {
  const seen: unknown[] = [];
  const baseUrl = await serverFor(t, async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push(request.headers['content-type'], request.headers['idempotency-key'], JSON.parse(body));
    response.statusCode = 204;
    response.end();
  });
  const client = createClient({ baseUrl });
  const reply = await client.call(accounts.postPassword, {
    body: { current: 'a', next: 'correct horse' },
    headers: { 'idempotency-key': 'k1' },
  });
  assert.equal(reply, undefined);
  assert.deepEqual(seen, ['application/json', 'k1', { current: 'a', next: 'correct horse' }]);
});

test('throws the error of the orchestrator with hint, request id and retry-after', async (t) => {
  const baseUrl = await serverFor(t, (_request, response) => {
    response.writeHead(503, { 'retry-after': '7' });
    response.end(
      JSON.stringify({
        error: { code: 'overloaded', message: 'm', hint: 'h', requestId: 'r-1', retryable: true },
      }),
    );
  });
  await assert.rejects(createClient({ baseUrl }).call(accounts.getMe), (error) => {
    assert.ok(error instanceof RequestError && error instanceof AppError);
    assert.deepEqual(
      [error.code, error.message, error.hint, error.requestId, error.retryAfterSeconds, error.retryable],
      ['overloaded', 'm', 'h', 'r-1', 7, true],
    );
    return true;
  });
});

test('names the orchestrator that does not answer and says that a repeat may help', async () => {
  await assert.rejects(createClient({ baseUrl: 'http://127.0.0.1:1' }).call(accounts.getMe), (error) => {
    assert.ok(error instanceof RequestError);
    assert.match(error.message, /http:\/\/127\.0\.0\.1:1 does not answer/);
    assert.equal(error.retryable, true);
    return true;
  });
});

test('refuses an answer that does not follow the contract', async (t) => {
  const baseUrl = await serverFor(t, (_request, response) => response.end('{"id":4}'));
  await assert.rejects(createClient({ baseUrl }).call(accounts.getMe), /not understood/);
});

test('maps answers of proxies by their status and tells about a lost session', async (t) => {
  const baseUrl = await serverFor(t, (request, response) => {
    response.statusCode = request.url?.includes('/auth/') ? 401 : 502;
    response.end('<html>');
  });
  let lost = 0;
  const client = createClient({
    baseUrl,
    onUnauthorized: () => {
      lost += 1;
    },
  });
  await assert.rejects(client.call(accounts.getMe), { code: 'unauthorized' });
  await assert.rejects(client.call(workspaces.listWorkspaces), { code: 'internal' });
  assert.equal(lost, 1);
});

test('an aborted call rejects with the reason of the abort', async (t) => {
  const baseUrl = await serverFor(t, () => undefined);
  const stop = new AbortController();
  const call = createClient({ baseUrl }).call(accounts.getMe, { signal: stop.signal });
  stop.abort(new Error('left the page'));
  await assert.rejects(call, /left the page/);
});

test('a path parameter stays one part of the path', () => {
  const url = createClient({ baseUrl: '' }).url(accounts.getCliLogin, {
    params: { userCode: '../me?x=1#y' },
  });
  assert.equal(url, '/api/v1/auth/cli/..%2Fme%3Fx%3D1%23y');
});

test('the types follow the contract', async (t) => {
  const baseUrl = await serverFor(t, (_request, response) => response.end(JSON.stringify(user)));
  const client = createClient({ baseUrl });
  const me: { name: string } = await client.call(accounts.getMe);
  assert.equal(me.name, 'Ada');
  // @ts-expect-error the path needs a workspace
  const missing = () => client.call(nodes.listNodes);
  // @ts-expect-error no such state
  const wrong = () => client.call(nodes.listNodes, { params: { workspaceId }, query: { state: 'asleep' } });
  assert.throws(() => client.url(nodes.listNodes, { params: {} as { workspaceId: string } }), /workspaceId/);
  assert.equal(typeof missing, typeof wrong);
});

const line = (text: string) =>
  encodeRecord({ stream: 'stdout', time: 1, payload: new TextEncoder().encode(text) });

test('follows output from the offset of each reply, over broken connections, to its end', async (t) => {
  const stream = Buffer.concat([line('one\n'), line('two\n'), line('three\n')]);
  const cuts = [0, line('one\n').length, stream.length];
  const asked: string[] = [];
  let broken = false;
  const baseUrl = await serverFor(t, (request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    asked.push(`${query.get('epoch')}@${query.get('from')}`);
    const from = Number(query.get('from'));
    if (from > 0 && !broken) {
      broken = true;
      response.destroy();
      return;
    }
    const next = cuts.find((cut) => cut > from) ?? stream.length;
    response.setHeader('ot-next', String(next));
    response.setHeader('ot-epoch', '2');
    if (next === stream.length) response.setHeader('ot-end', '1');
    response.end(stream.subarray(from, next));
  });
  const trouble: boolean[] = [];
  let text = '';
  const batches = followOutput(
    createClient({ baseUrl }),
    { workspaceId, jobId },
    { onTrouble: (error) => trouble.push(error !== undefined) },
  );
  for await (const batch of batches) {
    for (const record of batch.records) text += new TextDecoder().decode(record.payload);
  }
  assert.equal(text, 'one\ntwo\nthree\n');
  assert.deepEqual(asked, ['null@0', `2@${cuts[1]}`, `2@${cuts[1]}`]);
  assert.deepEqual(trouble, [true, false]);
});

test('stops following without an error when aborted, and throws what a repeat cannot mend', async (t) => {
  const baseUrl = await serverFor(t, (request, response) => {
    if (!request.url?.includes(jobId)) {
      response.statusCode = 404;
      response.end();
    }
  });
  const client = createClient({ baseUrl });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 30);
  const quiet = followOutput(client, { workspaceId, jobId }, { signal: stop.signal });
  assert.deepEqual(await quiet.next(), { value: undefined, done: true });
  await assert.rejects(followOutput(client, { workspaceId, jobId: 'gone' }).next(), { code: 'not_found' });
});

test('uploads in slices, continues at the offset of the orchestrator and skips what is there', async (t) => {
  const stored: Buffer[] = [];
  let failNext = true;
  const size = () => stored.reduce((sum, part) => sum + part.length, 0);
  const baseUrl = await serverFor(t, async (request, response) => {
    if (request.method === 'HEAD') {
      response.setHeader('ot-offset', String(size()));
      if (size() === 10) response.setHeader('ot-complete', '1');
      return response.end();
    }
    const part: Buffer[] = [];
    for await (const chunk of request) part.push(chunk as Buffer);
    const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
    assert.equal(offset, size());
    stored.push(Buffer.concat(part));
    if (failNext && stored.length === 2) {
      failNext = false;
      return response.destroy();
    }
    return response.end(JSON.stringify({ complete: size() === 10, offset: size() }));
  });
  const progress: number[] = [];
  const options = { workspaceId, sha256: 'a'.repeat(64), blob: new Blob(['0123456789']), chunkBytes: 4 };
  const client = createClient({ baseUrl });
  assert.deepEqual(await uploadBlob(client, { ...options, onProgress: (sent) => progress.push(sent) }), {
    sent: true,
  });
  assert.equal(Buffer.concat(stored).toString(), '0123456789');
  assert.deepEqual(progress, [0, 4, 8, 10]);
  assert.deepEqual(await uploadBlob(client, options), { sent: false });
});

test('an empty file is uploaded too', async (t) => {
  let puts = 0;
  const baseUrl = await serverFor(t, (request, response) => {
    if (request.method === 'HEAD') {
      response.statusCode = 404;
      return response.end();
    }
    puts += 1;
    return response.end(JSON.stringify({ complete: true, offset: 0 }));
  });
  await uploadBlob(createClient({ baseUrl }), { workspaceId, sha256: 'b'.repeat(64), blob: new Blob([]) });
  assert.equal(puts, 1);
});

test('a refused upload is not repeated', async (t) => {
  let puts = 0;
  const baseUrl = await serverFor(t, (request, response) => {
    if (request.method === 'PUT') puts += 1;
    response.statusCode = request.method === 'PUT' ? 422 : 404;
    response.end(
      JSON.stringify({
        error: { code: 'blob_mismatch', message: 'm', hint: 'h', requestId: 'r', retryable: false },
      }),
    );
  });
  const upload = uploadBlob(createClient({ baseUrl }), {
    workspaceId,
    sha256: 'c'.repeat(64),
    blob: new Blob(['x']),
  });
  await assert.rejects(upload, { code: 'blob_mismatch' });
  assert.equal(puts, 1);
  assert.equal(jobs.putBlob.method, 'PUT');
});
