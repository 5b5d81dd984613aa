/** The agent as a process of its own with the plain executors of the tests: what gets killed in tests of crashes. */
import { runConsole } from '../console/index.ts';
import { plainExecutors } from './plain-executors.ts';

const stopRequested = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});
const code = await runConsole({
  argv: process.argv.slice(2),
  environment: process.env,
  program: process.argv[1] ?? '',
  print: (text) => process.stdout.write(`${text}\n`),
  printError: (text) => process.stderr.write(`${text}\n`),
  stopRequested,
  executors: () => plainExecutors,
});
process.exit(code);
