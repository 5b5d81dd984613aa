import { uploadBlob } from '@otherthing/client';
import { useSyncExternalStore } from 'react';
import { api } from '../../../app/api.ts';
import { type Draft, EMPTY_DRAFT } from './draft.ts';
import { hashFile } from './hash-file.ts';
import { Uploads } from './uploads.ts';

/** What is being written for one workspace; it survives leaving the page, and ends with the tab. */
export type Writing = {
  readonly uploads: Uploads;
  draft(): Draft;
  change(part: Partial<Draft>): void;
  /** Starts over, or from another job. */
  reset(draft?: Draft): void;
  subscribe(listener: () => void): () => void;
  /** What the draft was filled from, so that an address fills it once only. */
  source: string | undefined;
};

const open = new Map<string, Writing>();

export function writingFor(workspaceId: string): Writing {
  const known = open.get(workspaceId);
  if (known) return known;
  const made = createWriting(workspaceId);
  open.set(workspaceId, made);
  return made;
}

function createWriting(workspaceId: string): Writing {
  let draft = EMPTY_DRAFT;
  const listeners = new Set<() => void>();
  const set = (next: Draft) => {
    draft = next;
    for (const listener of listeners) listener();
  };
  const uploads = new Uploads({
    hash: hashFile,
    send: ({ sha256, blob, onProgress, signal }) =>
      uploadBlob(api, { workspaceId, sha256, blob, signal, onProgress }),
  });
  return {
    uploads,
    source: undefined,
    draft: () => draft,
    change: (part) => set({ ...draft, ...part }),
    reset: (next) => {
      uploads.clear();
      set(next ?? EMPTY_DRAFT);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const useDraft = (writing: Writing): Draft => useSyncExternalStore(writing.subscribe, writing.draft);
export const useUploads = (writing: Writing) =>
  useSyncExternalStore(writing.uploads.subscribe, writing.uploads.summary);
