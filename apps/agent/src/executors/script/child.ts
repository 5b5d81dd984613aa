import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import quickjs from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { type Frame, packFrame, readFrameSync, writeAllSync } from './frames.ts';
import { PRELUDE } from './prelude.ts';

/**
 * The engine process: runs one script and ends. It opens no file of a job itself; all it has is a channel to the agent,
 * so it works in an empty sandbox, and the same on every system.
 */
const CHANNEL = 6;

/** The little of it that is used here: the types of the platform without the browser's do not have it. */
type WasmMemory = { readonly buffer: ArrayBuffer };
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  Memory: new (size: { initial: number; maximum: number }) => WasmMemory;
};
const PAGE_BYTES = 64 * 1024;
const MIN_PAGES = 256;
/** What the WebAssembly module itself declares as its most. */
const MAX_PAGES = 32_768;
const LINES_OF_STACK = 20;

type Failure = { readonly kind: 'error' | 'memory' | 'timeout'; readonly message: string };
type Start = {
  readonly source: string;
  readonly input: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly timeoutMs: number;
};

let lastFailure = '';

function ask(op: string, name: string, body?: Uint8Array): Frame | undefined {
  writeAllSync(CHANNEL, packFrame({ op, name }, body));
  const answer = readFrameSync(CHANNEL);
  // Without an agent there is nobody to run for.
  if (!answer) process.exit(1);
  if (answer.head.error === undefined) return answer;
  lastFailure = String(answer.head.error);
  return undefined;
}

function dataOf(context: QuickJSContext, handle: QuickJSHandle | undefined): Uint8Array | undefined {
  if (!handle) return undefined;
  const type = context.typeof(handle);
  if (type === 'string') return Buffer.from(context.getString(handle));
  if (type !== 'object') return undefined;
  const lifetime = context.getArrayBuffer(handle);
  const copy = Buffer.from(lifetime.value);
  lifetime.dispose();
  return copy;
}

function hostObject(context: QuickJSContext): QuickJSHandle {
  const host = context.newObject();
  const add = (name: string, run: (...args: QuickJSHandle[]) => QuickJSHandle) =>
    context.newFunction(name, run).consume((handle) => context.setProp(host, name, handle));
  add('write', (fd, text) => {
    writeAllSync(
      context.getNumber(fd as QuickJSHandle) === 1 ? 1 : 2,
      Buffer.from(context.getString(text as QuickJSHandle)),
    );
    return context.undefined;
  });
  add('failed', () => context.newString(lastFailure));
  add('call', (op, name, data) => {
    const what = context.getString(op as QuickJSHandle);
    const answer = ask(what, context.getString(name as QuickJSHandle), dataOf(context, data));
    if (!answer) return context.null;
    if (what !== 'readBytes') return context.newString(answer.body.toString('utf8'));
    const { buffer, byteOffset, byteLength } = answer.body;
    return context.newArrayBuffer(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
  });
  return host;
}

class ScriptError extends Error {}

/** The value of a call, or its JavaScript error as ours. */
function unwrap(
  context: QuickJSContext,
  result: { value: QuickJSHandle } | { error: QuickJSHandle },
): QuickJSHandle {
  if ('value' in result) return result.value;
  const dumped: unknown = context.dump(result.error);
  throw new ScriptError(describe(dumped));
}

function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null) return `Uncaught ${String(error)}`;
  const { name, message, stack } = error as { name?: string; message?: string; stack?: string };
  if (name === undefined && message === undefined) return `Uncaught ${JSON.stringify(error)}`;
  const lines = (stack ?? '').split('\n').filter((line) => line.includes('script.js'));
  return [`${name ?? 'Error'}: ${message ?? ''}`, ...lines.slice(0, LINES_OF_STACK)].join('\n');
}

function evaluate(context: QuickJSContext, start: Start): string {
  const evalIn = (code: string, file: string) => unwrap(context, context.evalCode(code, file) as never);
  const json = context.getProp(context.global, 'JSON');
  const stringify = context.getProp(json, 'stringify');
  const parse = (text: string) =>
    context
      .newString(text)
      .consume((handle) =>
        unwrap(context, context.callFunction(context.getProp(json, 'parse'), json, handle) as never),
      );
  const environment = parse(JSON.stringify(start.environment));
  const prelude = evalIn(PRELUDE, 'prelude.js');
  unwrap(
    context,
    context.callFunction(prelude, context.undefined, hostObject(context), environment, stringify) as never,
  );
  const main = evalIn(`(async function main(input) { ${start.source}\n})`, 'script.js');
  const promise = unwrap(context, context.callFunction(main, context.undefined, parse(start.input)) as never);
  for (;;) {
    const ran = context.runtime.executePendingJobs();
    unwrap(context, ran as never);
    const state = context.getPromiseState(promise);
    if (state.type === 'rejected') throw new ScriptError(describe(context.dump(state.error)));
    if (state.type === 'fulfilled') {
      const text = unwrap(context, context.callFunction(stringify, json, state.value) as never);
      return context.typeof(text) === 'string' ? context.getString(text) : 'null';
    }
    if ('value' in ran && ran.value === 0)
      throw new ScriptError('The script waits for something that never happens.');
  }
}

/** The engine may itself break when its memory ends, so nothing of it is asked for the reason. */
function failureOf(error: unknown, memory: WasmMemory, limits: { pages: number; late: boolean }): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (limits.late) return { kind: 'timeout', message };
  // It grows in steps; the step that failed is not to be seen.
  const isFull = memory.buffer.byteLength > (limits.pages * PAGE_BYTES) / 2;
  if (isFull && (!(error instanceof ScriptError) || /out of memory|^Uncaught null/.test(message)))
    return { kind: 'memory', message };
  return { kind: 'error', message };
}

async function main(): Promise<void> {
  const wasmPath =
    process.argv[2] ?? fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
  const wasmModule = await WebAssembly.compile(readFileSync(wasmPath));
  writeAllSync(CHANNEL, packFrame({ op: 'ready' }));
  const frame = readFrameSync(CHANNEL);
  if (!frame) return;
  const start = JSON.parse(frame.body.toString('utf8')) as Start;
  const pages = Math.min(MAX_PAGES, Math.max(MIN_PAGES, Math.floor(start.memoryBytes / PAGE_BYTES)));
  const memory = new WebAssembly.Memory({ initial: MIN_PAGES, maximum: pages });
  const deadline = Date.now() + start.timeoutMs;
  const parent = process.ppid;
  let late = false;
  try {
    const engine = await newQuickJSWASMModuleFromVariant(
      newVariant(quickjs as unknown as QuickJSSyncVariant, { wasmModule, wasmMemory: memory } as never),
    );
    const context = engine.newContext();
    context.runtime.setInterruptHandler(() => {
      late ||= Date.now() > deadline;
      return late || process.ppid !== parent;
    });
    const result = evaluate(context, start);
    if (late) throw new ScriptError('interrupted');
    writeAllSync(CHANNEL, packFrame({ op: 'result', usage: usage() }, Buffer.from(result)));
    process.exit(0);
  } catch (error) {
    const failure = failureOf(error, memory, { pages, late });
    const message = failure.message.slice(0, 4000);
    writeAllSync(2, Buffer.from(`${failure.message}\n`));
    writeAllSync(CHANNEL, packFrame({ op: 'failed', kind: failure.kind, message, usage: usage() }));
    process.exit(1);
  }
}

function usage() {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { cpuMs: Math.round((userCPUTime + systemCPUTime) / 1000), maxMemoryBytes: maxRSS * 1024 };
}

await main();
