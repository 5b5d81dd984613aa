/** Files between this node and its orchestrator, over HTTP, with the transfer token of one attempt. */
export { createTransfers, type TransferOptions, type Transfers } from './transfers.ts';
