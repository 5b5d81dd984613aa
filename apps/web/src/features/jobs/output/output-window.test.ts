import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputRecord, OutputStream } from '@otherthing/protocol/output';
import { LineReader, MAX_LINE } from './output-lines.ts';
import { MAX_WINDOW_BYTES, OutputWindow } from './output-window.ts';

const record = (text: string | Uint8Array, stream: OutputStream = 'stdout'): OutputRecord => ({
  stream,
  time: 1,
  payload: typeof text === 'string' ? new TextEncoder().encode(text) : text,
});
const texts = (lines: ReadonlyArray<{ text: string }>) => lines.map((line) => line.text);

test('lines, characters and colours that are spread over records come out whole', () => {
  const reader = new LineReader();
  const euro = new TextEncoder().encode('€');
  const lines = reader.read([
    record('a\x1b[31m re'),
    record('d\nnext '),
    record(euro.subarray(0, 1)),
    record(euro.subarray(1)),
    record('\nlast'),
  ]);
  assert.deepEqual(texts(lines), ['a\x1b[31m red', 'next €']);
  assert.deepEqual(lines[1]?.style, { fg: 'var(--ot-ansi-1)' });
  assert.equal(reader.rest?.text, 'last');
  assert.deepEqual(texts(reader.finish()), ['last']);
});

test('the streams do not run into each other, empty lines stay, returns overwrite', () => {
  const reader = new LineReader();
  const lines = reader.read([record('out'), record('err\n', 'stderr'), record('\n10 %\r20 %\r\n\n')]);
  assert.deepEqual(
    lines.map((line) => [line.stream, line.text]),
    [
      ['stdout', 'out'],
      ['stderr', 'err'],
      ['stdout', ''],
      ['stdout', '20 %'],
      ['stdout', ''],
    ],
  );
});

test('a line without end is broken into pieces', () => {
  const reader = new LineReader();
  const lines = reader.read([record('x'.repeat(MAX_LINE * 2 + 5))]);
  assert.deepEqual(
    lines.map((line) => line.text.length),
    [MAX_LINE, MAX_LINE],
  );
  assert.equal(reader.rest?.text.length, 5);
});

const MIB = 1024 * 1024;
/** Pieces of at most MAX_LINE in one chunk. */
const LINES = MIB / MAX_LINE;
const chunk = (index: number, end = false) => ({
  from: index * MIB,
  next: (index + 1) * MIB,
  end,
  records: [record(`${String(index).padStart(4, '0')}${'.'.repeat(MIB / 4 - 5)}\n`.repeat(4))],
});

test('hundreds of megabytes pass through a window of bounded size, and the way back is known', () => {
  const window = new OutputWindow();
  for (let i = 0; i < 300; i += 1) window.append(chunk(i));
  const first = window.firstId;
  assert.equal(first, (window.start / MIB) * LINES, 'lines keep their numbers');
  assert.equal(window.next, 300 * MIB);
  assert.ok(window.next - window.start <= MAX_WINDOW_BYTES);
  const before = window.before;
  assert.equal(before, window.start - MIB);
  window.prepend(chunk((before ?? 0) / MIB));
  assert.equal(window.firstId, first - LINES);
  assert.equal(window.start, before);
  assert.ok(window.next < 300 * MIB, 'the far end was dropped');
  assert.match(window.lines[0]?.text ?? '', new RegExp(`^${String((before ?? 0) / MIB).padStart(4, '0')}`));
});

test('the unfinished line is shown and not shown twice', () => {
  const window = new OutputWindow();
  window.append({ from: 0, next: 10, end: false, records: [record('one\ntw')] });
  assert.deepEqual(texts(window.lines), ['one', 'tw']);
  window.append({ from: 10, next: 20, end: false, records: [record('o\n')] });
  assert.deepEqual(texts(window.lines), ['one', 'two']);
  window.append({ from: 20, next: 24, end: false, records: [record('end')] });
  window.append({ from: 24, next: 24, end: true, records: [] });
  assert.deepEqual(texts(window.lines), ['one', 'two', 'end']);
  assert.equal(window.ended, true);
});

test('from the start there is nothing before', () => {
  const window = new OutputWindow();
  window.append(chunk(0));
  assert.equal(window.before, undefined);
});

test('a read that overlaps what is held brings only what comes before', () => {
  const window = new OutputWindow();
  const first = record('one\n');
  const second = record('two\n');
  const size = 12 + 4;
  window.append({ from: size, next: 2 * size, end: false, records: [second] });
  assert.deepEqual(window.trimmed(0, [first, second]), [first]);
});

test('a window is full before a read would drop what somebody is looking at', () => {
  const window = new OutputWindow();
  let index = 0;
  while (!window.full) window.append(chunk(index++));
  window.append(chunk(index));
  assert.equal(window.firstId, 0);
});
