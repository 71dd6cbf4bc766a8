/**
 * Rosters on the phone, under a key that only the worker's PIN opens.
 *
 * The key (AES-GCM, 256 bits) is made here and lies wrapped by a key derived from the PIN
 * (PBKDF2, SHA-256); while it is in use it is non-extractable and in memory only. Wrong PINs are
 * counted before they are tried, so that ending the app wins nothing; at TRIES_MAX everything
 * sealed is thrown away. Of reports only what was typed is sealed (`hidden.js`): the rest is ids and
 * codes, and must be able to leave when the PIN is forgotten.
 *
 * Storage and clock are handed in.
 */

/** OWASP Password Storage Cheat Sheet (2023): PBKDF2-HMAC-SHA256 from 600,000 rounds on. */
export const ITERATIONS = 600_000;
export const PIN_LENGTH = 6;
/** Wrong PINs in a row after which the rosters are thrown away. */
export const TRIES_MAX = 10;
/** Seconds to wait after so many wrong ones. */
const WAITS = [0, 0, 0, 0, 0, 30, 60, 300, 300, 900];

/**
 * @typedef {object} Kept
 * @property {Uint8Array<ArrayBuffer>} salt
 * @property {number} iterations
 * @property {Uint8Array<ArrayBuffer>} iv
 * @property {ArrayBuffer} wrapped
 * @property {number} wrong in a row
 * @property {number} until Unix milliseconds before which no PIN is tried
 *
 * @typedef {object} Shelf
 * @property {(key: string) => Promise<unknown>} read
 * @property {(key: string, value: unknown) => Promise<void>} write undefined forgets it
 *
 * @typedef {{iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer}} Sealed
 *
 * @typedef {{is: "open"} | {is: "wrong", left: number, wait: number} | {is: "wait", wait: number}
 *   | {is: "gone"}} Tried `wait` in seconds
 */

/** @param {string} pin */
export const isPin = (pin) => new RegExp(`^\\d{${PIN_LENGTH}}$`).test(pin);

/** 111111, 123456, 654321: what anybody tries first. @param {string} pin */
export function isWeak(pin) {
  const steps = new Set([...pin].slice(1).map((digit, at) => Number(digit) - Number(pin[at])));
  const [step = 9] = steps;
  return steps.size === 1 && Math.abs(step) <= 1;
}

export class Vault {
  /** @type {CryptoKey | undefined} */ #key;
  #owner = "";
  /** @type {"none" | "locked" | "open"} */ state = "none";

  /** @param {Shelf} shelf @param {{now?: () => number, iterations?: number}} [means] */
  constructor(shelf, means = {}) {
    this.shelf = shelf;
    this.now = means.now ?? Date.now;
    this.iterations = means.iterations ?? ITERATIONS;
  }

  /** Browsers give this only to pages that came over TLS (or from the machine itself). */
  static get possible() {
    return globalThis.crypto?.subtle !== undefined;
  }

  get #place() {
    return `vault ${this.#owner}`;
  }

  async #kept() {
    return /** @type {Kept | undefined} */ (await this.shelf.read(this.#place));
  }

  /** Whose it is from now on; locked, if there is one. @param {string} owner */
  async of(owner) {
    this.#owner = owner;
    this.#key = undefined;
    this.state = (await this.#kept()) ? "locked" : "none";
  }

  /** Forget the key until the PIN is typed again. */
  lock() {
    this.#key = undefined;
    if (this.state === "open") this.state = "locked";
  }

  /** Make a key under a PIN; what was sealed under another can no longer be read. @param {string} pin */
  async make(pin) {
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const wrapper = await derived(pin, salt, this.iterations);
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, USES);
    const wrapped = await crypto.subtle.wrapKey("raw", key, wrapper, { name: "AES-GCM", iv });
    /** @type {Kept} */
    const kept = { salt, iterations: this.iterations, iv, wrapped, wrong: 0, until: 0 };
    await this.shelf.write(this.#place, kept);
    this.#key = await unwrapped(kept, wrapper);
    this.state = "open";
  }

  /**
   * Try a PIN.
   * @param {string} pin
   * @returns {Promise<Tried>} `gone`: too many wrong ones, the key is no more
   */
  async open(pin) {
    const kept = await this.#kept();
    if (!kept) return { is: "gone" };
    const wait = Math.ceil((kept.until - this.now()) / 1000);
    // A clock set back would have one wait for days; the count is what protects.
    if (wait > 0 && wait <= Math.max(...WAITS)) return { is: "wait", wait };
    const wrong = kept.wrong + 1;
    const pause = WAITS[Math.min(wrong, WAITS.length - 1)] ?? 0;
    // Counted on the disk before anybody can know whether it was right.
    const [wrapper] = await Promise.all([
      derived(pin, kept.salt, kept.iterations),
      this.shelf.write(this.#place, { ...kept, wrong, until: this.now() + pause * 1000 }),
    ]);
    try {
      this.#key = await unwrapped(kept, wrapper);
    } catch {
      if (wrong < TRIES_MAX) return { is: "wrong", left: TRIES_MAX - wrong, wait: pause };
      await this.forget();
      return { is: "gone" };
    }
    // Not waited for: ended before that, the app has one slip too many in its count.
    void this.shelf.write(this.#place, { ...kept, wrong: 0, until: 0 }).catch(() => undefined);
    this.state = "open";
    return { is: "open" };
  }

  /** No key any more: what was sealed is noise. */
  async forget() {
    this.#key = undefined;
    this.state = "none";
    await this.shelf.write(this.#place, undefined);
  }

  /**
   * @param {unknown} value as JSON
   * @param {string} id bound to it, so that one cannot be put in another's place
   * @returns {Promise<Sealed>}
   */
  async seal(value, id) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    return { iv, data: await crypto.subtle.encrypt(how(iv, id), this.#held(), plain) };
  }

  /** @param {Sealed} sealed @param {string} id @returns {Promise<unknown>} */
  async unseal(sealed, id) {
    const plain = await crypto.subtle.decrypt(how(sealed.iv, id), this.#held(), sealed.data);
    return JSON.parse(new TextDecoder().decode(plain));
  }

  #held() {
    if (!this.#key) throw new Error("the vault is locked");
    return this.#key;
  }
}

/** @type {KeyUsage[]} */
const USES = ["encrypt", "decrypt"];

/** @param {Uint8Array<ArrayBuffer>} iv @param {string} id */
const how = (iv, id) => ({
  name: "AES-GCM", iv, additionalData: new TextEncoder().encode(id),
});

/** @param {string} pin @param {Uint8Array<ArrayBuffer>} salt @param {number} iterations */
async function derived(pin, salt, iterations) {
  const typed = await crypto.subtle.importKey(
    "raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"],
  );
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations }, typed,
    { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"],
  );
}

/** @param {Kept} kept @param {CryptoKey} wrapper */
const unwrapped = (kept, wrapper) =>
  crypto.subtle.unwrapKey(
    "raw", kept.wrapped, wrapper, { name: "AES-GCM", iv: kept.iv }, "AES-GCM", false, USES,
  );
