import { z } from 'zod';
import { WorkspaceId } from '../ids.ts';

/**
 * Live updates for browsers on `/ws/live`. The page reads a snapshot over HTTP and keeps it fresh by these events:
 * they carry ids only, coalesced per workspace (at most one event every 150 ms), and a revision. A page that sees
 * another `boot` or a gap in `revision` reads its snapshots again.
 */
export const LiveTopic = z.enum(['workspaces', 'nodes', 'jobs', 'join-tokens', 'access-tokens']);
export type LiveTopic = z.infer<typeof LiveTopic>;

/** Browser -> orchestrator: follow this workspace; replaces the previous one. */
export const Watch = z.object({ type: z.literal('watch'), workspaceId: WorkspaceId });
export const Ping = z.object({ type: z.literal('ping') });
export const LiveRequest = z.discriminatedUnion('type', [Watch, Ping]);
export type LiveRequest = z.infer<typeof LiveRequest>;

/** Orchestrator -> browser: where the workspace's revision stands now. */
export const Watching = z.object({
  type: z.literal('watching'),
  workspaceId: WorkspaceId,
  boot: z.string(),
  revision: z.number().int(),
});
/** Orchestrator -> browser: these changed. `many` stands for more ids than are worth naming (over 200). */
export const Changed = z.object({
  type: z.literal('changed'),
  workspaceId: WorkspaceId,
  boot: z.string(),
  revision: z.number().int(),
  topics: z.partialRecord(LiveTopic, z.union([z.array(z.string()), z.literal('many')])),
});
export const Pong = z.object({ type: z.literal('pong') });
/** Orchestrator -> browser: the session ended or the membership is gone; the socket closes after it. */
export const LiveError = z.object({
  type: z.literal('error'),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
});
export const LiveEvent = z.discriminatedUnion('type', [Watching, Changed, Pong, LiveError]);
export type LiveEvent = z.infer<typeof LiveEvent>;
