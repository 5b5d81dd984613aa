import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the program of the engine process lies, and all it must be able to read. */
export type EnginePaths = {
  readonly entry: string;
  readonly wasm: string;
  /** Files and folders besides the two. */
  readonly readOnlyPaths: readonly string[];
};

/** The engine as it lies in the sources. A bundled agent passes paths of its own. */
export function sourceEngine(): EnginePaths {
  const here = dirname(fileURLToPath(import.meta.url));
  const wasm = fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
  const core = fileURLToPath(import.meta.resolve('quickjs-emscripten-core'));
  const scope = join(dirname(wasm), '..', '..');
  const manifest = join(here, '..', '..', '..', 'package.json');
  return {
    entry: join(here, 'child.ts'),
    wasm,
    readOnlyPaths: [here, manifest, scope, join(dirname(core), '..')],
  };
}
