import { z } from 'zod';
import type { CloseReason } from './close-codes.ts';

type Entry = {
  readonly status: number;
  readonly retryable: boolean;
  readonly message: string;
  /** What the person can do about it: the limit and the knob. */
  readonly hint: string;
  readonly close?: CloseReason;
};

const entry = (
  status: number,
  [message, hint]: readonly [message: string, hint: string],
  extra: Partial<Entry> = {},
): Entry => ({
  status,
  message,
  hint,
  retryable: false,
  ...extra,
});

/** Every error the product can answer with. Codes are never reused; messages may be made more precise where they are thrown. */
export const ERRORS = {
  bad_request: entry(400, [
    'The request is not understood.',
    'Compare it with the API document at /api/openapi.json.',
  ]),
  unauthorized: entry(401, ['You are not signed in.', 'Sign in, or send an access token.'], {
    close: 'unauthorized',
  }),
  invalid_credentials: entry(401, [
    'E-mail or password is wrong.',
    'Try again, or run `otherthing-server reset-password` on the machine of the orchestrator.',
  ]),
  token_invalid: entry(401, [
    'The access token is unknown, expired or revoked.',
    'Make a new one under Settings, or run `otherthing login`.',
  ]),
  forbidden: entry(403, ['Your role does not allow this.', 'Ask an owner or admin of the workspace.'], {
    close: 'forbidden',
  }),
  scope_missing: entry(403, ['The access token lacks a scope for this.', 'Make a token with that scope.']),
  origin_refused: entry(403, [
    'The request comes from a page of another site.',
    'Open the dashboard at its own address; set OTHERTHING_URL if it is served under another name.',
  ]),
  setup_link_invalid: entry(403, [
    'This setup link is not valid any more.',
    'Restart the orchestrator: it prints a new one as long as there is no user.',
  ]),
  setup_done: entry(409, ['This orchestrator is set up already.', 'Sign in instead.']),
  not_found: entry(404, ['There is nothing at this address.', 'Check the address.']),
  workspace_not_found: entry(404, [
    'There is no such workspace among yours.',
    'Run `otherthing workspace list`.',
  ]),
  node_not_found: entry(404, ['There is no such node in this workspace.', 'Run `otherthing node list`.']),
  job_not_found: entry(404, [
    'There is no such job in this workspace.',
    'It may have been deleted. Run `otherthing job list`.',
  ]),
  artifact_not_found: entry(404, [
    'The job left no such file.',
    'Run `otherthing job artifacts JOB` for what it left.',
  ]),
  blob_not_found: entry(404, ['There is no such file in this workspace.', 'Upload it first.']),
  conflict: entry(409, ['Somebody changed this in the meantime.', 'Load it again and repeat.'], {
    retryable: true,
  }),
  job_active: entry(409, ['The job has not ended yet.', 'Cancel it first, or wait for its end.']),
  job_ended: entry(409, ['The job has ended already.', 'Nothing is left to cancel.']),
  input_missing: entry(409, [
    'An input file has not been uploaded to this workspace.',
    'Upload it, then submit again.',
  ]),
  upload_offset: entry(
    409,
    ['The upload continues at another offset.', 'Ask for the offset with HEAD and continue there.'],
    { retryable: true },
  ),
  share_key_refused: entry(404, [
    'No node can be asked with this share key.',
    'Check the 8 characters on the machine: keys expire after 24 hours and change once used.',
  ]),
  join_token_refused: entry(
    401,
    ['The join token is unknown, used up, expired or revoked.', 'Make a new one under Nodes > Add a node.'],
    { close: 'join_token_invalid' },
  ),
  idempotency_mismatch: entry(422, [
    'This Idempotency-Key was used for a different request.',
    'Use a new key for a new request.',
  ]),
  blob_mismatch: entry(422, [
    'The received bytes do not have the announced sha256.',
    'Upload the file again; it may have changed while it was read.',
  ]),
  job_spec_invalid: entry(422, ['The job cannot be accepted as it is.', 'See the details.']),
  network_refused: entry(422, [
    'Jobs have no network.',
    'Leave `network` out; give the job its data as input files.',
  ]),
  too_large: entry(413, ['The request is larger than allowed.', 'Split it, or use an upload.']),
  quota_exceeded: entry(507, [
    'The workspace has no storage left.',
    'Delete jobs or files, or raise OTHERTHING_WORKSPACE_STORAGE_GB.',
  ]),
  disk_full: entry(
    507,
    ['The disk of the orchestrator is full.', 'Free some space on it; nothing acknowledged is lost.'],
    { retryable: true },
  ),
  rate_limited: entry(429, ['Too many tries.', 'Wait as long as Retry-After says.'], { retryable: true }),
  overloaded: entry(
    503,
    [
      'The orchestrator has more waiting than it may hold.',
      'Repeat after the time in Retry-After; the Idempotency-Key keeps it from running twice.',
    ],
    { retryable: true, close: 'overloaded' },
  ),
  unavailable: entry(503, ['The database cannot be reached right now.', 'Repeat in a few seconds.'], {
    retryable: true,
    close: 'internal',
  }),
  internal: entry(
    500,
    ['Something broke on our side.', 'The request id finds it in the log of the orchestrator.'],
    { close: 'internal' },
  ),
  protocol_error: entry(400, ['The message does not follow the protocol.', 'Update the agent.'], {
    close: 'protocol_error',
  }),
  message_too_big: entry(413, ['The message is larger than a frame may be.', 'Update the agent.'], {
    close: 'message_too_big',
  }),
  register_timeout: entry(408, ['The agent did not register in time.', 'It tries again by itself.'], {
    close: 'register_timeout',
    retryable: true,
  }),
  signature_invalid: entry(
    401,
    [
      'The signature of the node is wrong.',
      'Run `otherthing-agent leave` and join again if the machine was copied.',
    ],
    { close: 'signature_invalid' },
  ),
  version_unsupported: entry(
    426,
    [
      'The agent speaks a version this orchestrator does not.',
      'Update the agent to the version of the orchestrator.',
    ],
    { close: 'version_unsupported' },
  ),
  duplicate_identity: entry(
    409,
    [
      'Another agent with this identity is connected.',
      'If this machine was cloned, run `otherthing-agent leave` on one of the two and join again.',
    ],
    { close: 'duplicate_identity' },
  ),
  too_many_unclaimed: entry(
    429,
    [
      'Too many unclaimed nodes come from this address.',
      'Claim or stop some of them; unclaimed nodes are forgotten after 24 hours.',
    ],
    { close: 'too_many_unclaimed', retryable: true },
  ),
  node_removed: entry(
    410,
    ['This node was removed by its owner.', 'Run `otherthing-agent leave`, then join again.'],
    { close: 'node_removed' },
  ),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export type AppErrorOptions = {
  readonly message?: string;
  readonly hint?: string;
  /** Machine-readable facts, for example `[{ path, problem }]` of a rejected body. Never a secret. */
  readonly details?: unknown;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
};

/** The one error type that may reach a person. Everything else becomes `internal` at the edge. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: unknown;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(
      options.message ?? ERRORS[code].message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The one shape of every error answer, over HTTP and inside `error` messages of the sockets. */
export const ErrorBody = z
  .object({
    error: z.object({
      code: z.enum(ERROR_CODES),
      message: z.string(),
      hint: z.string(),
      requestId: z.string(),
      retryable: z.boolean(),
      details: z.unknown().optional(),
    }),
  })
  .meta({ id: 'ErrorBody', description: 'What every failed request answers with.' });
export type ErrorBody = z.infer<typeof ErrorBody>;
