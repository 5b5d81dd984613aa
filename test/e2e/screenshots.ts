import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/**
 * Pictures of every page in dark, light and at 390 px, with an accessibility check of each:
 *
 *   node test/e2e/screenshots.ts 'http://localhost:8420/setup?token=...' [folder]
 *
 * The link is the one that `npm start` prints on an empty data directory. Ends with 1 when axe finds anything serious.
 */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const LOOKS = [
  { name: 'dark', colorScheme: 'dark', width: 1280, height: 860 },
  { name: 'light', colorScheme: 'light', width: 1280, height: 860 },
  { name: 'mobile', colorScheme: 'dark', width: 390, height: 844 },
] as const;
const PASSWORD = 'correct horse battery staple';

type Made = { readonly base: string; readonly workspaceId: string; readonly jobs: Record<string, string> };

const [link, folder = 'docs/screenshots'] = process.argv.slice(2);
if (!link) {
  console.error("Usage: node test/e2e/screenshots.ts 'http://localhost:8420/setup?token=...' [folder]");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
let serious = 0;
try {
  const made = await setUp(browser, link);
  for (const look of LOOKS) serious += await shootAll(browser, made, look);
} finally {
  await browser.close();
}
console.log(serious === 0 ? 'axe: nothing serious' : `axe: ${serious} serious findings`);
process.exitCode = serious === 0 ? 0 : 1;

async function newContext(from: Browser, look: (typeof LOOKS)[number]): Promise<BrowserContext> {
  return from.newContext({
    colorScheme: look.colorScheme,
    viewport: { width: look.width, height: look.height },
    reducedMotion: 'reduce',
    // axe is put into the page by the test; the product's own policy is checked elsewhere.
    bypassCSP: true,
  });
}

/** Lives the first minutes of a person, with a picture of each step, and leaves jobs of every kind. */
async function setUp(from: Browser, setupLink: string): Promise<Made> {
  const context = await newContext(from, LOOKS[0]);
  const page = await context.newPage();
  const base = new URL(setupLink).origin;
  await page.goto(setupLink);
  await page.getByLabel('Your name').fill('Ada Lovelace');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await shoot(page, 'setup-1-account');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByLabel('Workspace name').fill('Lab');
  await shoot(page, 'setup-2-workspace');
  await page.getByRole('button', { name: 'Create workspace' }).click();
  const run = page.getByRole('button', { name: 'Run a first job' });
  await run.waitFor({ timeout: 60_000 });
  await page.getByText(/^Online/).waitFor();
  await shoot(page, 'setup-3-machine');
  await run.click();
  await page.getByRole('heading', { level: 1, name: 'first job' }).waitFor();
  await page.getByText('Succeeded').first().waitFor({ timeout: 120_000 });
  const url = new URL(page.url());
  const [, , workspaceId = '', , first = ''] = url.pathname.split('/');
  const jobs = { first, ...(await submitMore(context, base, workspaceId)) };
  await page.waitForTimeout(4000);
  await context.close();
  return { base, workspaceId, jobs };
}

async function submitMore(context: BrowserContext, base: string, workspaceId: string) {
  const shell = (name: string, text: string, more = {}) => ({
    kind: 'process',
    name,
    command: ['sh', '-c', text],
    ...more,
  });
  const counting = 'i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo "frame $i of 600"; sleep 1; done';
  const failing = "printf 'reading rows\\n\\033[1;31mValueError\\033[0m: row 7 has no price\\n' >&2; exit 3";
  const specs = [
    shell('failing', failing),
    shell('waiting', 'true', { resources: { cpuCores: 1000 } }),
    shell('running', counting),
  ];
  const reply = await context.request.post(`${base}/api/v1/workspaces/${workspaceId}/jobs`, {
    headers: { origin: base },
    data: { jobs: specs },
  });
  if (!reply.ok()) throw new Error(`jobs were not taken: ${await reply.text()}`);
  const { ids } = (await reply.json()) as { ids: string[] };
  return { failing: ids[0] ?? '', waiting: ids[1] ?? '', running: ids[2] ?? '' };
}

async function shootAll(from: Browser, made: Made, look: (typeof LOOKS)[number]): Promise<number> {
  const context = await newContext(from, look);
  const page = await context.newPage();
  let found = 0;
  const visit = async (name: string, path: string) => {
    await page.goto(made.base + path);
    await page.locator('h1').waitFor();
    await page.waitForTimeout(1500);
    await shoot(page, `${name}-${look.name}`);
    found += await checkAxe(page, `${name}, ${look.name}`);
  };
  await visit('sign-in', '/sign-in');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const at = `/w/${made.workspaceId}`;
  const node = await firstNode(context, made);
  await visit('overview', at);
  await visit('nodes', `${at}/nodes`);
  await visit('node', `${at}/nodes/${node}`);
  await visit('add-node', `${at}/nodes/add`);
  await visit('share-key', `${at}/nodes/add?by=key`);
  await visit('jobs', `${at}/jobs`);
  await visit('jobs-none-fit', `${at}/jobs?q=nothing-like-this`);
  await visit('submit', `${at}/jobs/new?example=process`);
  await visit('job', `${at}/jobs/${made.jobs.first}`);
  await visit('job-running', `${at}/jobs/${made.jobs.running}`);
  await visit('job-waiting', `${at}/jobs/${made.jobs.waiting}`);
  await visit('job-failed', `${at}/jobs/${made.jobs.failing}`);
  await visit('settings', `${at}/settings`);
  await visit('own-nodes', '/own-nodes');
  await visit('account', '/account');
  await page.goto(made.base + at);
  await page.locator('h1').waitFor();
  await page.keyboard.press('Control+k');
  await page.getByPlaceholder('Go to, do, find').fill('job');
  await page.waitForTimeout(600);
  await shoot(page, `palette-${look.name}`);
  found += await checkAxe(page, `palette, ${look.name}`);
  await context.close();
  return found;
}

async function firstNode(context: BrowserContext, made: Made): Promise<string> {
  const reply = await context.request.get(`${made.base}/api/v1/workspaces/${made.workspaceId}/nodes`);
  const { items } = (await reply.json()) as { items: Array<{ id: string }> };
  return items[0]?.id ?? '';
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

type AxeResult = { violations: Array<{ id: string; impact: string | null; nodes: Array<{ html: string }> }> };

/** Findings of axe on the open page, WCAG 2.2 A and AA; prints each and counts the serious ones. */
async function checkAxe(page: Page, where: string): Promise<number> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') });
  const { violations } = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(root: unknown, options: unknown): Promise<AxeResult> };
    };
    return axe.run((globalThis as unknown as { document: unknown }).document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    });
  });
  for (const { id, impact, nodes } of violations) {
    console.log(`${where}: ${impact} ${id}, ${nodes.length} times: ${nodes[0]?.html.slice(0, 160)}`);
  }
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').length;
}
