import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { PageFailed, PageMissing, PagePending } from './page-states.tsx';
import { requirePerson, sendHome } from './session.ts';
import { rememberWorkspace } from './workspace.ts';

/** Search parameters that are short texts; anything else in the address is ignored. */
function texts<const Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): { [K in Name]?: string } => {
    const known: { [K in Name]?: string } = {};
    for (const name of names) {
      const value = search[name];
      if ((typeof value === 'string' || typeof value === 'number') && String(value).length <= 4096) {
        known[name] = String(value);
      }
    }
    return known;
  };
}

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: PageMissing,
  errorComponent: PageFailed,
});
const home = createRoute({ getParentRoute: () => root, path: '/', beforeLoad: sendHome });
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: texts('token', 'workspace'),
  component: lazyRouteComponent(() => import('../features/accounts/setup/setup-page.tsx'), 'SetupPage'),
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: texts('next'),
  component: lazyRouteComponent(() => import('../features/accounts/sign-in-page.tsx'), 'SignInPage'),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: ({ location }) => requirePerson(location.href),
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
});
const cliSearch = texts('code');
const cli = createRoute({
  getParentRoute: () => root,
  path: '/cli',
  validateSearch: cliSearch,
  beforeLoad: ({ location }) => requirePerson(location.href),
  component: lazyRouteComponent(() => import('../features/accounts/cli-login-page.tsx'), 'CliLoginPage'),
});
const ownNodes = createRoute({
  getParentRoute: () => inside,
  path: '/own-nodes',
  component: lazyRouteComponent(() => import('../features/nodes/own-nodes-page.tsx'), 'OwnNodesPage'),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyRouteComponent(() => import('../features/accounts/account-page.tsx'), 'AccountPage'),
});

const workspace = createRoute({
  getParentRoute: () => inside,
  path: '/w/$workspaceId',
  beforeLoad: ({ params }) => rememberWorkspace(params.workspaceId),
  component: Outlet,
});
const overview = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  component: lazyRouteComponent(() => import('../features/overview/overview-page.tsx'), 'OverviewPage'),
});
const listSearch = texts('q', 'cursor');
const nodeList = createRoute({
  getParentRoute: () => workspace,
  path: '/nodes',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/nodes/list/nodes-page.tsx'), 'NodesPage'),
});
const nodeAdd = createRoute({
  getParentRoute: () => workspace,
  path: '/nodes/add',
  validateSearch: texts('by', 'token'),
  component: lazyRouteComponent(() => import('../features/nodes/add/add-node-page.tsx'), 'AddNodePage'),
});
const nodeDetail = createRoute({
  getParentRoute: () => workspace,
  path: '/nodes/$nodeId',
  component: lazyRouteComponent(() => import('../features/nodes/detail/node-page.tsx'), 'NodePage'),
});
const jobList = createRoute({
  getParentRoute: () => workspace,
  path: '/jobs',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/jobs/list/jobs-page.tsx'), 'JobsPage'),
});
const jobNew = createRoute({
  getParentRoute: () => workspace,
  path: '/jobs/new',
  validateSearch: texts('from', 'example'),
  component: lazyRouteComponent(() => import('../features/jobs/submit/submit-page.tsx'), 'SubmitPage'),
});
const jobDetail = createRoute({
  getParentRoute: () => workspace,
  path: '/jobs/$jobId',
  component: lazyRouteComponent(() => import('../features/jobs/detail/job-page.tsx'), 'JobPage'),
});
const settings = createRoute({
  getParentRoute: () => workspace,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/workspaces/settings-page.tsx'), 'SettingsPage'),
});

const routeTree = root.addChildren([
  home,
  setup,
  signIn,
  cli,
  inside.addChildren([
    ownNodes,
    account,
    workspace.addChildren([overview, nodeList, nodeAdd, nodeDetail, jobList, jobNew, jobDetail, settings]),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: PageMissing,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
