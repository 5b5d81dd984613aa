import { Button, Center, Container, Loader } from '@mantine/core';
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

/** A page that could not be shown at all. */
export function PageFailed(props: { error: unknown; reset?: () => void }) {
  return (
    <Container size="sm" py="xl" component="main">
      <Problem
        title="This page could not be shown"
        error={props.error}
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
    <Container size="sm" py="xl" component="main">
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
