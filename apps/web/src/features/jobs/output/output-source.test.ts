import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createClient } from '@otherthing/client';
import { encodeRecord, RECORD_HEADER_BYTES } from '@otherthing/protocol/output';
import { containing } from './find.ts';
import { type OutputReader, OutputSource } from './output-source.ts';

const PAYLOAD = 16_000;
const RECORD = RECORD_HEADER_BYTES + PAYLOAD;
const PER_READ = 60;
const place = { workspaceId: 'ws-1', jobId: 'job-1', epoch: 1 };

/** An orchestrator with an output of `records` records of four lines each, ended. */
async function outputOf(t: { after(fn: () => void): void }, records: number) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '', 'http://x').searchParams;
    const tail = query.get('tail');
    const from =
      tail === null
        ? Number(query.get('from'))
        : Math.max(0, records - Math.floor(Number(tail) / RECORD)) * RECORD;
    seen.push(tail === null ? `from ${from / RECORD}` : 'tail');
    const first = from / RECORD;
    const last = Math.min(records, first + Math.min(PER_READ, Math.floor(Number(query.get('max')) / RECORD)));
    const parts: Uint8Array[] = [];
    for (let index = first; index < last; index += 1) {
      const line = `${`record ${index} ${index === 700 ? 'needle' : ''}`.padEnd(PAYLOAD / 4 - 1, '.')}\n`;
      parts.push(
        encodeRecord({ stream: 'stdout', time: 1, payload: new TextEncoder().encode(line.repeat(4)) }),
      );
    }
    response.setHeader('ot-next', String(last * RECORD));
    response.setHeader('ot-epoch', '1');
    if (last === records) response.setHeader('ot-end', '1');
    response.end(Buffer.concat(parts));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const client = createClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const source = new OutputSource(client, place);
  t.after(() => source.stop());
  return { source, seen };
}

function until(source: OutputSource, fits: (state: OutputReader) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!fits(source.state())) return;
      leave();
      resolve();
    };
    const leave = source.subscribe(look);
    look();
  });
}

test('reads to the end while following, and holds only the last part of a long output', async (t) => {
  const { source } = await outputOf(t, 3000);
  source.setFollowing(true);
  source.start();
  await until(source, (state) => state.ended);
  assert.match(source.state().lines.at(-1)?.text ?? '', /^record 2999 /);
  assert.equal(source.state().earlier, true);
  assert.ok(source.state().lines.length < 2000 * 4);
});

test('stops reading when the window is full and nobody follows, and reads on when asked', async (t) => {
  const { source, seen } = await outputOf(t, 3000);
  source.setFollowing(false);
  source.start();
  await until(source, (state) => state.lines.length >= 1140 * 4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const reads = seen.length;
  const held = source.state().lines.length;
  assert.ok(reads < 3000 / PER_READ, 'it stopped before the end');
  assert.equal(source.state().earlier, false);
  source.more();
  await until(source, (state) => state.lines.length > held);
  assert.equal(seen.length, reads + 1);
});

test('opens at the line that is searched in all of the output, and finds the way back from there', async (t) => {
  const { source } = await outputOf(t, 1000);
  source.setFollowing(false);
  assert.equal(await source.openAt(containing('needle'), new AbortController().signal), true);
  await until(source, (state) => state.lines.some((line) => line.text.includes('needle')));
  assert.match(source.state().lines[0]?.text ?? '', /^record 660 /);
  assert.equal(await source.openAt(containing('absent'), new AbortController().signal), false);
});

test('brings earlier lines without a gap and without showing any twice', async (t) => {
  const { source } = await outputOf(t, 3000);
  source.setFollowing(true);
  source.start();
  await until(source, (state) => state.ended);
  const first = Number(/record (\d+)/.exec(source.state().lines[0]?.text ?? '')?.[1]);
  await source.loadEarlier();
  const numbers = source.state().lines.map((line) => Number(/record (\d+)/.exec(line.text)?.[1]));
  assert.equal(numbers[0], first - PER_READ);
  numbers.forEach((number, index) => {
    assert.equal(number, first - PER_READ + Math.floor(index / 4));
  });
});

test('after a jump to the end, earlier output is read from the nearest known place', async (t) => {
  const { source, seen } = await outputOf(t, 3000);
  source.start({ tail: 1_048_576 });
  await until(source, (state) => state.ended);
  assert.equal(source.state().earlier, true);
  source.setFollowing(false);
  await source.loadEarlier();
  await until(source, (state) => state.lines[0]?.text.startsWith('record 0 ') === true);
  assert.deepEqual(seen.slice(0, 3), ['tail', 'from 2995', 'from 0']);
});
