import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endStyle, PLAIN, plainText, readLine } from './ansi.ts';

test('a coloured line becomes spans, and its colour lasts into the next line', () => {
  const { spans, end } = readLine('ok \x1b[31mred\x1b[1m bold', PLAIN);
  assert.deepEqual(spans, [
    { text: 'ok ', style: {} },
    { text: 'red', style: { fg: 'var(--ot-ansi-1)' } },
    { text: ' bold', style: { fg: 'var(--ot-ansi-1)', bold: true } },
  ]);
  assert.deepEqual(endStyle('still', end), { fg: 'var(--ot-ansi-1)', bold: true });
  assert.deepEqual(endStyle('\x1b[0m', end), PLAIN);
});

test('256 and true colours, bright ones, and codes that switch off', () => {
  assert.equal(readLine('\x1b[38;5;196mx', PLAIN).spans[0]?.style.fg, 'rgb(255 0 0)');
  assert.equal(readLine('\x1b[38;2;1;2;3mx', PLAIN).spans[0]?.style.fg, 'rgb(1 2 3)');
  assert.equal(readLine('\x1b[38;5;244mx', PLAIN).spans[0]?.style.fg, 'rgb(128 128 128)');
  assert.equal(readLine('\x1b[92mx', PLAIN).spans[0]?.style.fg, 'var(--ot-ansi-10)');
  assert.deepEqual(readLine('\x1b[31;44;1m\x1b[39;22mx', PLAIN).spans[0]?.style, { bg: 'var(--ot-ansi-4)' });
});

test('other sequences and controls are dropped: cursor moves, titles, links, bells', () => {
  assert.equal(plainText('\x1b[2K\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x07\x1b(B c\x00'), 'ab c');
  assert.equal(plainText('\x1b[?25l50 %\x1b[1G'), '50 %');
});

test('text cannot become markup and broken sequences do no harm', () => {
  assert.deepEqual(
    readLine('<b>&\x1b[', PLAIN)
      .spans.map((span) => span.text)
      .join(''),
    '<b>&[',
  );
  assert.equal(readLine('\x1b[38;5mx', PLAIN).spans[0]?.text, 'x');
});
