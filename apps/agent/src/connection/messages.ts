import {
  type AgentMessage,
  Assignment,
  AttemptRef,
  MAX_MESSAGE_BYTES,
  OrchestratorMessage,
} from '@otherthing/protocol/agent';

/** What the rest of the agent sees of an established connection. */
export type Link = {
  /** Sends now; false when there is no connection. */
  send(message: AgentMessage): boolean;
  /** A binary frame of job output. */
  sendFrame(frame: Uint8Array): boolean;
  /** Bytes handed over that the system has not taken yet. */
  backlog(): number;
};

/** An assignment that does not follow the protocol, but says which attempt it is for. */
export type BrokenAssignment = { readonly ref: AttemptRef; readonly problem: string };

export type LinkMessage =
  | Exclude<OrchestratorMessage, { type: 'assign' }>
  | { readonly type: 'assign'; readonly jobs: Assignment[]; readonly broken: BrokenAssignment[] };

export type ParsedMessage =
  | { readonly ok: true; readonly message: LinkMessage }
  | { readonly ok: false; readonly problem: string };

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** One bad job in a batch must not stop the others: it is refused by name. */
function parseAssign(jobs: readonly unknown[]): ParsedMessage {
  const good: Assignment[] = [];
  const broken: BrokenAssignment[] = [];
  for (const job of jobs) {
    const parsed = Assignment.safeParse(job);
    if (parsed.success) {
      good.push(parsed.data);
      continue;
    }
    const ref = AttemptRef.safeParse(job);
    const issue = parsed.error.issues[0];
    const problem = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`;
    if (!ref.success) return { ok: false, problem: `assign.${problem}` };
    broken.push({ ref: ref.data, problem });
  }
  return { ok: true, message: { type: 'assign', jobs: good, broken } };
}

/** Parses one text frame. Never throws: a peer can send anything. */
export function parseLinkMessage(text: string): ParsedMessage {
  if (text.length > MAX_MESSAGE_BYTES) return { ok: false, problem: 'larger than a message may be' };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, problem: 'not JSON' };
  }
  const object = record(json);
  if (object?.type === 'assign' && Array.isArray(object.jobs)) return parseAssign(object.jobs);
  const parsed = OrchestratorMessage.safeParse(json);
  if (parsed.success && parsed.data.type !== 'assign') return { ok: true, message: parsed.data };
  const issue = parsed.error?.issues[0];
  return { ok: false, problem: `${String(object?.type)}: ${issue?.path.join('.')} ${issue?.message}` };
}
