/**
 * The typed client of an orchestrator: HTTP calls derived from the route contracts, output followed by offset,
 * resumable uploads and live events. Runs unchanged in browsers and in Node >= 24; imports only the protocol.
 */
export { type CallInput, type Client, type ClientOptions, createClient } from './client.ts';
export {
  type FollowOutputOptions,
  followOutput,
  type OutputBatch,
  type OutputTarget,
} from './follow-output.ts';
export {
  createLiveClient,
  type LiveClient,
  type LiveClientOptions,
  type LiveSocket,
  type LiveState,
  liveUrl,
} from './live-client.ts';
export { type LiveCursor, type LiveStep, stepRevision } from './live-revision.ts';
export { RequestError } from './request-error.ts';
export { retryDelayMs, sleep } from './retry.ts';
export { type UploadOptions, uploadBlob } from './upload-blob.ts';
