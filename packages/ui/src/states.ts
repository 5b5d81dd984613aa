import type { Tone } from './theme.ts';

/** Words and tone of every state that can be shown; the icon follows from `icon`. */
export type StateLook = {
  readonly word: string;
  readonly tone: Tone;
  readonly icon: 'check' | 'spin' | 'clock' | 'cross' | 'stop' | 'off' | 'hand' | 'lost' | 'skip';
};

const LOOKS = {
  waiting: { word: 'Waiting', tone: 'waiting', icon: 'clock' },
  starting: { word: 'Starting', tone: 'busy', icon: 'spin' },
  running: { word: 'Running', tone: 'busy', icon: 'spin' },
  succeeded: { word: 'Succeeded', tone: 'ok', icon: 'check' },
  failed: { word: 'Failed', tone: 'failed', icon: 'cross' },
  cancelled: { word: 'Cancelled', tone: 'offline', icon: 'stop' },
  lost: { word: 'Lost', tone: 'failed', icon: 'lost' },
  superseded: { word: 'Superseded', tone: 'offline', icon: 'skip' },
  online: { word: 'Online', tone: 'ok', icon: 'check' },
  offline: { word: 'Offline', tone: 'offline', icon: 'off' },
  waiting_for_owner: { word: 'Waiting for its owner', tone: 'waiting', icon: 'hand' },
  waiting_for_admin: { word: 'Waiting for approval', tone: 'waiting', icon: 'hand' },
  approved: { word: 'Approved', tone: 'ok', icon: 'check' },
  cancelling: { word: 'Cancelling', tone: 'waiting', icon: 'stop' },
} as const satisfies Record<string, StateLook>;

export type ShownState = keyof typeof LOOKS;

export function lookOf(state: ShownState): StateLook {
  return LOOKS[state];
}
