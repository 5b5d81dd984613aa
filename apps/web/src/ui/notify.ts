import { notifications } from '@mantine/notifications';

/** A short word that something was done; errors are shown in place instead. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'green', withBorder: true });
}

/** For failures of acts that have no place of their own on the page. */
export function notifyProblem(error: unknown): void {
  const hint = error instanceof Error && 'hint' in error ? String(error.hint) : '';
  const message = error instanceof Error ? error.message : String(error);
  notifications.show({ title: message, message: hint, color: 'red', withBorder: true, autoClose: 12_000 });
}
