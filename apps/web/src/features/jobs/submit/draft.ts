import type { JobSpecInput, StoredJobSpec } from '@otherthing/protocol/job-spec';
import { joinCommand, splitCommand } from './command-line.ts';

export type Pair = { readonly key: string; name: string; value: string };

/** What the form holds: texts as typed. Secrets are kept in memory only, never stored in the browser. */
export type Draft = {
  name: string;
  kind: 'shell' | 'command' | 'script';
  shell: string;
  command: string;
  stdin: string;
  source: string;
  input: string;
  env: Pair[];
  secrets: Pair[];
  cpuCores: number;
  memoryMb: number;
  diskMb: number;
  processes: number;
  runSeconds: number;
  queueSeconds: number;
  lostNode: number;
  failure: number;
  idempotent: boolean;
  nodes: string[];
  labels: string;
};

export const EMPTY_DRAFT: Draft = {
  name: '',
  kind: 'shell',
  shell: '',
  command: '',
  stdin: '',
  source: '',
  input: '',
  env: [],
  secrets: [],
  cpuCores: 1,
  memoryMb: 512,
  diskMb: 1024,
  processes: 256,
  runSeconds: 3600,
  queueSeconds: 86_400,
  lostNode: 3,
  failure: 0,
  idempotent: false,
  nodes: [],
  labels: '',
};

let pairs = 0;
export const newPair = (name = '', value = ''): Pair => ({ key: String(pairs++), name, value });

type Labels = Record<string, string>;

/** The spec to submit. `labels` are parsed already; throws with a sentence when a text is not what it has to be. */
export function specOf(draft: Draft, inputs: JobSpecInput['inputs'], labels: Labels): JobSpecInput {
  const common = {
    ...(draft.name.trim() ? { name: draft.name.trim() } : {}),
    env: record(draft.env),
    secrets: record(draft.secrets),
    inputs: inputs ?? [],
    resources: {
      cpuCores: draft.cpuCores,
      memoryMb: draft.memoryMb,
      diskMb: draft.diskMb,
      processes: draft.processes,
    },
    timeouts: { runSeconds: draft.runSeconds, queueSeconds: draft.queueSeconds },
    retries: { lostNode: draft.lostNode, failure: draft.failure },
    placement: { nodes: draft.nodes, labels },
    idempotent: draft.idempotent,
  };
  if (draft.kind === 'script') {
    const input = draft.input.trim() ? { input: parseJson(draft.input) } : {};
    return { kind: 'script', source: draft.source, ...input, ...common } as JobSpecInput;
  }
  const command = draft.kind === 'shell' ? ['sh', '-c', draft.shell] : splitCommand(draft.command);
  if (command.length === 0) throw new Error('The command is empty.');
  return { kind: 'process', command, ...(draft.stdin ? { stdin: draft.stdin } : {}), ...common };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('The JSON input is not valid JSON.', { cause });
  }
}

function record(list: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    list.filter((pair) => pair.name.trim()).map((pair) => [pair.name.trim(), pair.value]),
  );
}

/** A stored job as a form again. Values of secrets are not known to anybody any more. */
export function draftOf(spec: StoredJobSpec, labelText: string): Draft {
  const { resources, timeouts, retries, placement } = spec;
  const draft: Draft = {
    ...EMPTY_DRAFT,
    ...resources,
    ...timeouts,
    ...retries,
    name: spec.name ?? '',
    env: Object.entries(spec.env).map(([name, value]) => newPair(name, value)),
    secrets: spec.secrets.map((name) => newPair(name)),
    idempotent: spec.idempotent,
    nodes: placement.nodes,
    labels: labelText,
  };
  if (spec.kind === 'script') {
    const input = spec.input === undefined ? '' : JSON.stringify(spec.input, null, 2);
    return { ...draft, kind: 'script', source: spec.source, input };
  }
  const [program, flag, shell] = spec.command;
  if (spec.command.length === 3 && program === 'sh' && flag === '-c') {
    return { ...draft, kind: 'shell', shell: shell ?? '', stdin: spec.stdin ?? '' };
  }
  return { ...draft, kind: 'command', command: joinCommand(spec.command), stdin: spec.stdin ?? '' };
}
