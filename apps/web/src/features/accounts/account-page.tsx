import { Stack } from '@mantine/core';
import { Facts, Panel } from '@otherthing/ui';
import { useMe } from '../../app/session.ts';
import { Page } from '../../ui/page.tsx';
import { PasswordForm } from './password-form.tsx';
import { Sessions } from './sessions.tsx';

/** The signed-in person: who, where signed in, the password. */
export function AccountPage() {
  const me = useMe();
  return (
    <Page title="Account" narrow>
      <Panel title="You">
        <Facts
          items={[
            ['Name', me?.name ?? ''],
            ['E-mail', me?.email ?? ''],
          ]}
        />
      </Panel>
      <Stack gap="lg">
        <Sessions />
        <PasswordForm />
      </Stack>
    </Page>
  );
}
