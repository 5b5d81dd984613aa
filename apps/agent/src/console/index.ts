/** The agent as a person meets it: arguments, what `run` prints, and the commands that talk to a running agent. */
export { type ConsoleDeps, runConsole } from './console.ts';
