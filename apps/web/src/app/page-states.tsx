import { Button, Center, Container, Loader } from '@mantine/core';
import { RequestError } from '@otherthing/client';
import { Empty, Problem, useLate } from '@otherthing/ui';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

/** While code or the first snapshot of a page arrives. */
export function PagePending() {
  const late = useLate(250);
  return (
    <Center mih={240} role="status" aria-label="Loading">
      {late ? <Loader type="dots" /> : null}
    </Center>
  );
}

/** Parts of the dashboard are fetched when they are first opened. */
const CODE_MISSING = new RequestError('unavailable', {
  message: 'The code of this page could not be loaded from the orchestrator.',
  hint: 'Check that it runs; if it was just updated, trying again brings the new version.',
});

const isMissingCode = (error: unknown) =>
  error instanceof Error && /preload CSS|imported module|module script/i.test(error.message);

/** A page that could not be shown at all. */
export function PageFailed(props: { error: unknown; reset?: () => void }) {
  return (
    <Container size="sm" py="xl">
      <Problem
        title="This page could not be shown"
        error={isMissingCode(props.error) ? CODE_MISSING : props.error}
        onRetry={() => {
          props.reset?.();
          window.location.reload();
        }}
      />
    </Container>
  );
}

export function PageMissing() {
  return (
    <Container size="sm" py="xl">
      <Empty
        icon={<IconMapOff size={36} stroke={1.5} />}
        sentence="There is nothing at this address."
        action={
          <Button component={Link} to="/">
            Go to the overview
          </Button>
        }
      />
    </Container>
  );
}
