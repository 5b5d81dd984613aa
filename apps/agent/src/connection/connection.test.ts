import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { registeredText, registerText } from '@otherthing/protocol/agent';
import { newNonce, verifySignature } from '../identity/index.ts';
import { scriptJob, startAgent, startOrchestrator, temporaryFolder } from '../testing/agent-fixture.ts';
import { newKeys, ScriptedOrchestrator } from '../testing/scripted-orchestrator.ts';

const problemOf = (agent: { status(): { connection: { problem: { code: string } | null } } }) =>
  agent.status().connection.problem?.code;

test('pins the key of the orchestrator it met first and refuses another one at the same address', async (t) => {
  const first = await startOrchestrator(t);
  const stateDir = await temporaryFolder(t);
  const agent = await startAgent(t, { url: first.url, stateDir });
  await first.until(() => first.registers[0], 'register');
  await first.until(() => agent.status().orchestratorFingerprint ?? undefined, 'the pin');
  const port = Number(new URL(first.url).port);
  await first.stop();
  const impostor = await startOrchestrator(t, { port, keys: newKeys() });
  await impostor.until(() => problemOf(agent) === 'signature_invalid', 'the refusal');
  assert.match(
    agent.status().connection.problem?.message ?? '',
    /has the key .* but this node trusts .* Nothing was sent/s,
  );
  assert.equal(impostor.registers.length, 0);
});

test('believes nothing that the orchestrator says with a wrong signature', async (t) => {
  const other = generateKeyPairSync('ed25519');
  const orchestrator = await startOrchestrator(t, {
    registered: (message, register) => ({
      ...message,
      signature: sign(
        null,
        Buffer.from(
          registeredText({
            agentNonce: register.agent_nonce,
            nodeId: register.capabilities.node_id,
            publicKey: register.public_key,
            orchestratorKey: orchestrator.keys.publicKey,
          }),
        ),
        other.privateKey,
      ).toString('base64url'),
    }),
  });
  const agent = await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => problemOf(agent) === 'signature_invalid', 'the refusal');
  assert.equal(agent.status().shareKey, null);
  assert.deepEqual(agent.status().workspaces, []);
  const membership = JSON.parse(await readFile(join(agent.stateDir, 'orchestrator.json'), 'utf8')) as object;
  assert.ok(!('orchestratorKey' in membership), 'it pinned a key that was never proved');
});

test('believes no proof that was made for another handshake', async (t) => {
  let old: Record<string, unknown> | undefined;
  const orchestrator = await startOrchestrator(t, {
    registered: (message) => {
      old ??= message;
      return { ...message, signature: old.signature };
    },
  });
  const agent = await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => agent.status().connection.state === 'connected', 'the first connection');
  orchestrator.dropSocket();
  await orchestrator.until(() => problemOf(agent) === 'signature_invalid', 'the refusal');
});

test('a signature cannot be relayed: what it signs names the orchestrator it was made for', async (t) => {
  // The man in between shows his own key and hands on the nonce that the real orchestrator gave him.
  const real = newKeys();
  const nonce = newNonce();
  const relay = await startOrchestrator(t, { nonce });
  await startAgent(t, { url: relay.url });
  const {
    protocol_version: version,
    public_key: publicKey,
    signature,
  } = await relay.until(() => relay.registers[0], 'register at the relay');
  const fits = (orchestratorKey: string) =>
    verifySignature(publicKey, registerText({ nonce, orchestratorKey, version, publicKey }), signature);
  assert.equal(fits(relay.keys.publicKey), true);
  assert.equal(fits(real.publicKey), false);
});

test('survives malformed, unknown, untimely and oversized messages', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => agent.status().connection.state === 'connected', 'the connection');
  for (const bad of [
    '{',
    '[]',
    'null',
    '"x"',
    '{"type":"nonsense"}',
    '{"type":"assign","jobs":[{}]}',
    '{"type":"cancel"}',
  ])
    orchestrator.send(bad);
  orchestrator.send({ type: 'output_ack', channel: 77, offset: 12 });
  orchestrator.send({ type: 'outcomes_ack', outbox_id: 'nobody', up_to: 5, verdicts: [] });
  orchestrator.send({ type: 'registered' });
  const job = scriptJob('return 1');
  orchestrator.assign(job);
  assert.equal((await orchestrator.outcomeOf(job)).state, 'succeeded');
  const registers = orchestrator.registers.length;
  assert.equal(registers, 1, 'the connection was lost');
  orchestrator.send('x'.repeat(5 * 1024 * 1024));
  await orchestrator.until(() => orchestrator.registers.length > registers, 'the next connection');
});

test('one broken job in a batch is refused by name and does not stop the others', async (t) => {
  const orchestrator = await startOrchestrator(t);
  await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => orchestrator.of('reconcile')[0], 'the first reconcile');
  const good = scriptJob('return 1');
  const bad = { ...scriptJob('return 2'), resources: { cpuCores: -5 } };
  orchestrator.send({ type: 'assign', jobs: [bad, good] });
  await orchestrator.outcomeOf(good);
  const refused = await orchestrator.until(() => orchestrator.of('refused')[0], 'the refusal');
  assert.equal(refused.attempts[0]?.job_id, bad.job_id);
  assert.match(refused.attempts[0]?.reason ?? '', /resources/);
});

test('notices a dead link and connects again', async (t) => {
  const orchestrator = await startOrchestrator(t, { heartbeatMs: 100, beats: false });
  await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => orchestrator.registers.length >= 2, 'the next connection');
  assert.ok(orchestrator.of('heartbeat').length >= 2);
  assert.ok(orchestrator.of('heartbeat').some((beat) => beat.load !== undefined));
});

test('stops for good when the orchestrator says that trying again cannot help', async (t) => {
  const orchestrator = await startOrchestrator(t);
  orchestrator.refuseRegister = 'node_removed';
  const agent = await startAgent(t, { url: orchestrator.url });
  await orchestrator.until(() => agent.status().connection.state === 'stopped', 'the end');
  assert.equal(problemOf(agent), 'node_removed');
});

test('goes on trying while the orchestrator is away, and finds it again', async (t) => {
  const scout = await new ScriptedOrchestrator().start();
  const { url } = scout;
  await scout.stop();
  const agent = await startAgent(t, { url });
  for (const end = Date.now() + 10_000; agent.status().connection.state !== 'waiting'; ) {
    assert.ok(Date.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.match(agent.status().connection.problem?.message ?? '', /cannot be reached/);
  const orchestrator = await startOrchestrator(t, { port: Number(new URL(url).port) });
  await orchestrator.until(() => agent.status().connection.state === 'connected', 'the connection');
});

test('keeps its key private and its folder too', async (t) => {
  const orchestrator = await startOrchestrator(t);
  const agent = await startAgent(t, { url: orchestrator.url });
  const mode = async (name: string) => (await stat(join(agent.stateDir, name))).mode & 0o777;
  assert.equal(await mode('.'), 0o700);
  for (const name of ['identity.json', 'orchestrator.json', 'control.sock', 'outbox/log'])
    assert.equal(await mode(name), 0o600, name);
});
