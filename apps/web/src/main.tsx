import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { cssVariables, theme } from '@otherthing/ui';
import '@otherthing/ui/styles.css';
import '@mantine/notifications/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from './app/api.ts';
import { queryClient } from './app/query-client.ts';
import { router } from './app/router.tsx';
import { forgetPerson } from './app/session.ts';

const OPEN_TO_ALL = ['/setup', '/sign-in'];

whenSignedOut(() => {
  const { pathname, href } = router.state.location;
  if (router.state.status === 'pending' || OPEN_TO_ALL.includes(pathname)) return;
  forgetPerson();
  void router.navigate({ to: '/sign-in', search: { next: href } });
});

const container = document.getElementById('root');
if (!container) throw new Error('the page has no #root');

createRoot(container).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Notifications position="bottom-right" limit={4} autoClose={6000} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
