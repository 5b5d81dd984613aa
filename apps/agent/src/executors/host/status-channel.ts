import type { Duplex } from 'node:stream';

/** What bubblewrap and the launcher report about a job, one JSON object a line. */
export type Status = {
  /** First process of the sandbox, as the host counts. */
  readonly childPid?: number;
  /** Absent when the command could not be executed. */
  readonly exitCode?: number;
  /** The launcher's sandbox ended with this code; it waits for `go` before it looks at the job's files. */
  readonly ended?: number;
  /** The step of the launcher that failed. */
  readonly failed?: string;
  readonly disk?: { readonly usedBytes: number; readonly freeInodes: number };
};

const MAX_LINE = 64 * 1024;

/** Reads the status of one job. The job itself never holds this channel. */
export class StatusChannel {
  readonly #stream: Duplex;
  #status: Status = {};
  #rest = '';
  #waiting: { until: (status: Status) => boolean; settle: () => void }[] = [];
  #closed = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#read(text));
    stream.on('error', () => undefined);
    stream.once('close', () => this.close());
  }

  get status(): Status {
    return this.#status;
  }

  /** Settles when the status is as asked for, or when nothing more can come. */
  reach(until: (status: Status) => boolean): Promise<Status> {
    return new Promise((resolve) => {
      if (this.#closed || until(this.#status)) resolve(this.#status);
      else this.#waiting.push({ until, settle: () => resolve(this.#status) });
    });
  }

  go(): void {
    if (!this.#closed) this.#stream.write('go\n');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.destroy();
    for (const { settle } of this.#waiting.splice(0)) settle();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) this.#accept(line);
    const reached = this.#waiting.filter(({ until }) => until(this.#status));
    this.#waiting = this.#waiting.filter((each) => !reached.includes(each));
    for (const { settle } of reached) settle();
  }

  #accept(line: string): void {
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(line) as Record<string, unknown>;
    } catch {
      return;
    }
    const number = (key: string): number | undefined =>
      typeof value[key] === 'number' ? value[key] : undefined;
    const childPid = number('child-pid');
    const exitCode = number('exit-code');
    const ended = number('ended');
    const free = number('freeBlocks');
    this.#status = {
      ...this.#status,
      ...(childPid === undefined ? {} : { childPid }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(ended === undefined ? {} : { ended }),
      ...(typeof value.failed === 'string' ? { failed: value.failed } : {}),
      ...(free === undefined
        ? {}
        : {
            disk: {
              usedBytes: ((number('blocks') ?? 0) - free) * (number('blockBytes') ?? 0),
              freeInodes: number('freeInodes') ?? 0,
            },
          }),
    };
  }
}
