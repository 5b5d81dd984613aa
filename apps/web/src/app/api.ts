import { createClient } from '@otherthing/client';

let signedOut: () => void = () => undefined;

/** The orchestrator this page came from, with the cookie of the signed-in person. */
export const api = createClient({ baseUrl: '', onUnauthorized: () => signedOut() });

/** What happens when a call finds that nobody is signed in any more. */
export function whenSignedOut(handler: () => void): void {
  signedOut = handler;
}
