import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

/**
 * Every colour, font, radius and shadow of the product. Nothing else sets one: components read Mantine's variables or
 * the `--ot-*` variables that `cssVariables` makes from the tokens here.
 */
const ground = {
  dark: {
    ground: '#0b1016',
    surface: '#111923',
    raised: '#172230',
    line: '#243244',
    text: '#dce6f0',
    dim: '#93a4b8',
  },
  light: {
    ground: '#f7f9fb',
    surface: '#ffffff',
    raised: '#ffffff',
    line: '#dde5ee',
    text: '#17212b',
    dim: '#52627a',
  },
} as const;

/** Shade 4 is read on dark grounds, shade 7 on light ones; both reach 4.5:1 there. */
const ACCENT: MantineColorsTuple = [
  '#ecfeff',
  '#cffafe',
  '#a5f3fc',
  '#67e8f9',
  '#22d3ee',
  '#06b6d4',
  '#0891b2',
  '#0e7490',
  '#155e75',
  '#164e63',
];
const VIOLET: MantineColorsTuple = [
  '#f5f3ff',
  '#ede9fe',
  '#ddd6fe',
  '#c4b5fd',
  '#a78bfa',
  '#8b5cf6',
  '#7c3aed',
  '#6d28d9',
  '#5b21b6',
  '#4c1d95',
];
const GREEN: MantineColorsTuple = [
  '#f0fdf4',
  '#dcfce7',
  '#bbf7d0',
  '#86efac',
  '#4ade80',
  '#22c55e',
  '#16a34a',
  '#15803d',
  '#166534',
  '#14532d',
];
const AMBER: MantineColorsTuple = [
  '#fffbeb',
  '#fef3c7',
  '#fde68a',
  '#fcd34d',
  '#fbbf24',
  '#f59e0b',
  '#b45309',
  '#92500a',
  '#78420f',
  '#5c330f',
];
const RED: MantineColorsTuple = [
  '#fef2f2',
  '#fee2e2',
  '#fecaca',
  '#fca5a5',
  '#f87171',
  '#ef4444',
  '#dc2626',
  '#b91c1c',
  '#991b1b',
  '#7f1d1d',
];
const DARK: MantineColorsTuple = [
  ground.dark.text,
  '#b8c6d6',
  ground.dark.dim,
  '#8698ad',
  ground.dark.line,
  '#1d2a3a',
  ground.dark.surface,
  ground.dark.ground,
  '#080c11',
  '#05080b',
];
const GRAY: MantineColorsTuple = [
  ground.light.ground,
  '#eef2f6',
  '#e4eaf1',
  ground.light.line,
  '#cbd5e1',
  '#9fb0c3',
  ground.light.dim,
  '#414f63',
  '#2b3846',
  ground.light.text,
];

/** The sixteen terminal colours of job output, readable on the output's ground in each scheme. */
const ANSI = {
  dark: [
    '#6b7d93',
    '#f87171',
    '#4ade80',
    '#fbbf24',
    '#60a5fa',
    '#e879f9',
    '#22d3ee',
    '#dce6f0',
    '#93a4b8',
    '#fca5a5',
    '#86efac',
    '#fde68a',
    '#93c5fd',
    '#f0abfc',
    '#67e8f9',
    '#ffffff',
  ],
  light: [
    '#17212b',
    '#b91c1c',
    '#15803d',
    '#92500a',
    '#1d4ed8',
    '#a21caf',
    '#0e7490',
    '#52627a',
    '#414f63',
    '#991b1b',
    '#166534',
    '#78420f',
    '#1e40af',
    '#86198f',
    '#155e75',
    '#2b3846',
  ],
} as const;

/** How a state looks; each also has its own icon and word. */
export type Tone = 'ok' | 'busy' | 'waiting' | 'failed' | 'offline';
const TONES = {
  dark: { ok: GREEN[4], busy: ACCENT[4], waiting: AMBER[4], failed: RED[4], offline: ground.dark.dim },
  light: { ok: GREEN[7], busy: ACCENT[7], waiting: AMBER[7], failed: RED[7], offline: ground.light.dim },
} as const;

const MONO = "'JetBrains Mono Variable', ui-monospace, 'SF Mono', Menlo, Consolas, monospace";

/** What lies above the page is one shade nearer. */
const RAISED = { content: { background: 'var(--ot-raised)' }, header: { background: 'var(--ot-raised)' } };

/** Text on a filled ground follows the scheme: dark on the bright shades of dark, white on the deep ones of light. */
const variantColors: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  return input.variant === 'filled' ? { ...colors, color: 'var(--ot-on-fill)' } : colors;
};

export const theme = createTheme({
  colors: { accent: ACCENT, violet: VIOLET, green: GREEN, yellow: AMBER, red: RED, dark: DARK, gray: GRAY },
  primaryColor: 'accent',
  primaryShade: { light: 7, dark: 4 },
  variantColorResolver: variantColors,
  white: '#ffffff',
  black: ground.light.text,
  fontFamily: "'Inter Variable', system-ui, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: MONO,
  fontSizes: { xs: '12px', sm: '14px', md: '16px', lg: '20px', xl: '28px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.35', xl: '1.25' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '1.35' },
      h2: { fontSize: '16px', lineHeight: '1.5' },
      h3: { fontSize: '14px', lineHeight: '1.45' },
    },
  },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '6px', sm: '6px', md: '6px', lg: '6px', xl: '6px' },
  defaultRadius: 'sm',
  shadows: { xs: 'none', sm: 'none', md: 'var(--ot-shadow)', lg: 'var(--ot-shadow)', xl: 'var(--ot-shadow)' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Modal: {
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { duration: 120 },
        centered: true,
      },
      styles: RAISED,
    },
    Drawer: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' }, transitionProps: { duration: 120 } },
    },
    Stepper: { styles: { stepCompletedIcon: { color: 'var(--ot-on-fill)' } } },
    Menu: { defaultProps: { transitionProps: { duration: 100 }, withInitialFocusPlaceholder: false } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, transitionProps: { duration: 100 } } },
    Button: { defaultProps: { size: 'sm' } },
    InputWrapper: { styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } } },
    Text: { defaultProps: { size: 'sm' } },
    Anchor: { defaultProps: { size: 'sm' } },
    Badge: {
      defaultProps: { variant: 'default', tt: 'none', fw: 500 },
      styles: { root: { maxWidth: 'none', flexShrink: 0 }, label: { overflow: 'visible' } },
    },
    Checkbox: { defaultProps: { iconColor: 'var(--ot-on-fill)' } },
  },
});

/** The variables of both schemes; Mantine's own ones are pointed at the tokens, so that its parts match. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--ot-mono': MONO },
  light: { ...schemeVariables('light'), '--ot-shadow': '0 6px 24px rgba(23, 33, 43, 0.12)' },
  dark: { ...schemeVariables('dark'), '--ot-shadow': '0 8px 28px rgba(0, 0, 0, 0.5)' },
});

function schemeVariables(scheme: 'dark' | 'light'): Record<string, string> {
  const colors = ground[scheme];
  const variables: Record<string, string> = {
    '--ot-ground': colors.ground,
    '--ot-surface': colors.surface,
    '--ot-raised': colors.raised,
    '--ot-line': colors.line,
    '--ot-text': colors.text,
    '--ot-dim': colors.dim,
    '--ot-accent': scheme === 'dark' ? ACCENT[4] : ACCENT[7],
    '--ot-violet': scheme === 'dark' ? VIOLET[4] : VIOLET[7],
    '--ot-on-fill': scheme === 'dark' ? '#04161c' : '#ffffff',
    '--ot-output': scheme === 'dark' ? '#070b10' : '#fbfcfd',
    '--ot-hover': scheme === 'dark' ? '#15202c' : '#eef3f8',
    '--ot-match': scheme === 'dark' ? '#5b4a0b' : '#fde68a',
    '--mantine-primary-color-contrast': scheme === 'dark' ? '#04161c' : '#ffffff',
    '--mantine-color-body': colors.ground,
    '--mantine-color-text': colors.text,
    '--mantine-color-dimmed': colors.dim,
    '--mantine-color-placeholder': colors.dim,
    '--mantine-color-default': colors.surface,
    '--mantine-color-default-hover': scheme === 'dark' ? '#1d2a3a' : '#eef3f8',
    '--mantine-color-default-border': scheme === 'dark' ? '#2e3f54' : '#c6d2df',
    '--mantine-color-error': TONES[scheme].failed,
    '--mantine-color-anchor': scheme === 'dark' ? ACCENT[4] : ACCENT[7],
  };
  for (const [tone, color] of Object.entries(TONES[scheme])) variables[`--ot-${tone}`] = color;
  ANSI[scheme].forEach((color, index) => {
    variables[`--ot-ansi-${index}`] = color;
  });
  return variables;
}
