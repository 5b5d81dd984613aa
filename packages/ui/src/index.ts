/** How the product looks: the theme with all tokens, words of states and times, and the parts every page shares. */
export {
  bytes,
  clockTime,
  counted,
  duration,
  exactTime,
  mebibytes,
  quantity,
  relativeTime,
} from './format.ts';
export { CommandLine, CopyButton, copyText } from './parts/copy.tsx';
export { CapacityBar, Empty, Facts, Panel, ThinBar } from './parts/panel.tsx';
export { Problem } from './parts/problem.tsx';
export { StateMark } from './parts/state-mark.tsx';
export { Elapsed, useLate, useNow, When } from './parts/when.tsx';
export { lookOf, type ShownState, type StateLook } from './states.ts';
export { cssVariables, type Tone, theme } from './theme.ts';
