/** Someone who is not signed in, and from where they come: the scope of sign-in, setup and CLI login. */
export type Visitor = {
  readonly kind: 'visitor';
  /** Address of the caller as the HTTP server knows it (proxies already accounted for). */
  readonly address: string;
  /** What the client says of itself (User-Agent). */
  readonly client: string;
};

/** How many characters of a User-Agent are kept. */
const MAX_CLIENT = 200;

export const visitor = (address: string, client: string | undefined): Visitor => ({
  kind: 'visitor',
  address,
  client: (client ?? '').replace(/[\p{Cc}\p{Cf}]/gu, '').slice(0, MAX_CLIENT),
});

/** The key under which tries from an address are counted: one IPv6 customer has a whole /64. */
export function addressKey(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, 4).join(':');
}
