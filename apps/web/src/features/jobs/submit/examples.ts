import type { JobSpecInput } from '@otherthing/protocol/job-spec';

export type Example = {
  readonly id: 'process' | 'script';
  readonly about: string;
  readonly spec: JobSpecInput;
};

const PROCESS = `echo "Hello from $(uname -n), $(nproc) cores, $(date -u)"
for word in one two three; do
  echo "counting: $word"
  sleep 1
done
cat /usr/share/common-licenses/* 2>/dev/null | tr -cs 'A-Za-z' '\\n' | tr 'A-Z' 'a-z' \\
  | sort | uniq -c | sort -rn | head -n 20 > "$OT_OUTPUT/top-words.txt"
echo "The 20 most frequent words of the licence texts are in top-words.txt"
head -n 5 "$OT_OUTPUT/top-words.txt"
`;

const SCRIPT = `const words = ['compute', 'is', 'where', 'your', 'machines', 'are'];
for (const word of words) console.log(word);
let sum = 0;
for (let i = 1; i <= 1_000_000; i += 1) sum += i;
console.log('sum of 1 to 1,000,000:', sum);
`;

const EXAMPLES: Readonly<Record<Example['id'], Example>> = {
  process: {
    id: 'process',
    about: 'It counts the most frequent words in the licence texts of the system and leaves them as a file.',
    spec: {
      name: 'first job',
      kind: 'process',
      command: ['sh', '-c', PROCESS],
      resources: { cpuCores: 1, memoryMb: 256 },
      timeouts: { runSeconds: 300 },
    },
  },
  script: {
    id: 'script',
    about: 'It runs a few lines of JavaScript in an interpreter that needs nothing from the system.',
    spec: {
      name: 'first job',
      kind: 'script',
      source: SCRIPT,
      resources: { cpuCores: 1, memoryMb: 256 },
      timeouts: { runSeconds: 300 },
    },
  },
};

/** A job that works on every node that offers its kind. */
export function exampleJob(kind: Example['id']): Example {
  return EXAMPLES[kind];
}
