/**
 * What this machine is: measured in the background and never waited for long. A quick answer from the operating
 * system comes first; the full one follows and is told to the orchestrator as `node_changed`.
 */
export { createHardware, type Hardware, type HardwareFacts } from './hardware.ts';
export { createLoadMeter } from './load.ts';
