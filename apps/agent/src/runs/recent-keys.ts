/** Remembers the last `limit` keys. */
export class RecentKeys {
  readonly #limit: number;
  readonly #keys = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.add(key);
    if (this.#keys.size <= this.#limit) return;
    const oldest = this.#keys.values().next().value;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}
