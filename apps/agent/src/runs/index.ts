/**
 * The attempts this node works on: takes or refuses assignments, runs them, delivers their output, artifacts and
 * outcome in this order, and keeps to what the orchestrator wants at every reconcile. See README.md for the states.
 */
export type { RunExecutor } from './attempt.ts';
export { createInputs, INPUT_CACHE_BYTES } from './inputs.ts';
export { createRuns, type Runs, type RunView } from './runs.ts';
