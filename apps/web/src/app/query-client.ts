import { RequestError } from '@otherthing/client';
import { QueryClient } from '@tanstack/react-query';

/** Snapshots stay fresh by live events, so a mount or a focus alone does not read them again at once. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      networkMode: 'always',
      retry: (count, error) => error instanceof RequestError && error.retryable && count < 2,
      retryDelay: (count, error) =>
        Math.max(400 * 2 ** count, error instanceof RequestError ? (error.retryAfterSeconds ?? 0) * 1000 : 0),
    },
    mutations: { networkMode: 'always' },
  },
});
