import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canPreview, looksBinary, previewKind } from './preview-kind.ts';

test('pictures, texts and what can only be downloaded', () => {
  assert.equal(previewKind({ path: 'a/plot.PNG', size: 10 }), 'image');
  assert.equal(previewKind({ path: 'a/huge.png', size: 1e9 }), 'none');
  assert.equal(previewKind({ path: 'evil.svg', size: 10 }), 'text');
  assert.equal(previewKind({ path: 'top-words.txt', size: 1e9 }), 'text');
  assert.equal(previewKind({ path: 'model.gguf', size: 10 }), 'none');
  assert.equal(canPreview({ path: 'empty', size: 0 }), false);
});

test('a file without a telling name is known by its bytes', () => {
  assert.equal(looksBinary(new Uint8Array([65, 0, 66])), true);
  assert.equal(looksBinary(new TextEncoder().encode('words €')), false);
});
