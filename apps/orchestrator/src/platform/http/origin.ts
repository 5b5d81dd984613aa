import { isIP } from 'node:net';

/**
 * Which host names and origins this orchestrator answers to. A page of another site may make a browser send cookies
 * (cross-site requests) or resolve its own name to us (DNS rebinding); both fail here.
 */
export type OriginPolicy = {
  /** The Host header names us. */
  hostAllowed(host: string | undefined): boolean;
  /** The Origin header of a request or WebSocket upgrade is one of ours. */
  originAllowed(origin: string | undefined, host: string | undefined): boolean;
};

/** `publicUrl`: OTHERTHING_URL; `listen`: address bound to. Loopback names and literal addresses always pass as hosts. */
export function createOriginPolicy(options: { publicUrl: string | undefined; listen: string }): OriginPolicy {
  const names = new Set(['localhost', options.listen]);
  const origins = new Set<string>();
  if (options.publicUrl) {
    const url = new URL(options.publicUrl);
    names.add(url.hostname);
    origins.add(url.origin);
  }
  const hostAllowed = (host: string | undefined) => {
    if (!host) return false;
    const name = hostName(host);
    return name !== undefined && (names.has(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0);
  };
  return {
    hostAllowed,
    originAllowed: (origin, host) => {
      if (!origin) return false;
      if (origins.has(origin)) return true;
      return hostAllowed(host) && (origin === `http://${host}` || origin === `https://${host}`);
    },
  };
}

function hostName(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return undefined;
  }
}
