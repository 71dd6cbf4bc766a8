/**
 * What was handed in lies on the phone sealed to the server alone (`wangge.kernel.letters`): its own
 * phone cannot read it any more, so nobody who finds it can, and it leaves without a PIN. As long as
 * the app stays open what was written is remembered, to be shown; after that the server reads it back
 * to whoever wrote it.
 *
 * Reports of doors are not letters: what was typed there lies under the PIN (`hidden.js`), since their
 * board shows it again without a network.
 *
 * @import {Deed, Photo, Store} from "./types.js"
 */

const VERSION = 1;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const PURPOSE = new TextEncoder().encode("wangge letter 1");

/** Kinds whose bodies are ids and codes, or that seal by themselves what was typed. */
const OPEN = /^(sweeps|people)\./;

/** @typedef {{body: Record<string, unknown>, title: string}} Written */

export class Letters {
  /** The server's public key, 65 bytes in base64; "" until it was told. */
  address = "";
  /** @type {Map<string, Written>} deed -> what it says, while the app is open */
  #written = new Map();
  /** @type {Map<string, Blob>} */
  #pictures = new Map();

  /** Browsers give this only to pages that came over TLS (or from the machine itself). */
  get possible() {
    return this.address !== "" && globalThis.crypto?.subtle !== undefined;
  }

  /**
   * A deed and its photos as they may lie on the disk.
   * @param {Omit<Deed, "state" | "n">} deed
   * @param {Photo[]} photos
   * @returns {Promise<{deed: Omit<Deed, "state" | "n">, photos: Photo[]}>}
   */
  async seal(deed, photos) {
    if (!this.possible) return { deed, photos };
    this.#written.set(deed.id, { body: deed.body, title: deed.title });
    if (OPEN.test(deed.kind)) return { deed: { ...deed, title: deed.plain ?? deed.title }, photos };
    const plain = new TextEncoder().encode(JSON.stringify(deed.body));
    const letter = await sealed(this.address, plain, `deed ${deed.id} ${deed.by}`);
    return {
      deed: { ...deed, body: {}, letter, title: deed.plain ?? "" },
      photos: await Promise.all(photos.map((photo) => this.#photo(photo, deed.by))),
    };
  }

  /** @param {Photo} photo @param {string} by @returns {Promise<Photo>} */
  async #photo({ id, blob, sent, letter }, by) {
    if (!blob) return { id, sent, ...(letter ? { letter } : {}) };
    this.#pictures.set(id, blob);
    const plain = new Uint8Array(await blob.arrayBuffer());
    return { id, sent, letter: await sealed(this.address, plain, `photo ${id} ${by}`) };
  }

  /** What a deed says and is called, as far as it is remembered. @param {Deed} deed @returns {Written | undefined} */
  of(deed) {
    return this.#written.get(deed.id) ?? (deed.letter ? undefined : { body: deed.body, title: deed.title });
  }

  /** A photo as it was taken, where it is remembered. @param {Photo} photo @returns {Photo} */
  picture(photo) {
    const blob = this.#pictures.get(photo.id);
    return blob ? { ...photo, blob } : photo;
  }

  /** The server read a letter back. @param {Deed} deed @param {Record<string, unknown>} body */
  remember(deed, body) {
    this.#written.set(deed.id, { body, title: deed.title });
  }

  /** It has arrived. @param {Deed} deed */
  drop(deed) {
    this.#written.delete(deed.id);
    for (const id of deed.photos) this.#pictures.delete(id);
  }

  /** Somebody else may hold the phone now: nothing of it stays in memory. */
  forget() {
    this.#written.clear();
    this.#pictures.clear();
  }
}

/**
 * What an earlier version left open in the outbox is sealed where it lies. Sealing takes a while, in
 * which it may be sent, refused or thrown away: then it stays as it is.
 * @param {Letters} letters
 * @param {Pick<Store, "photo" | "close">} store
 * @param {Deed[]} deeds one's own
 * @returns {Promise<boolean>} whether anything was sealed
 */
export async function sealOld(letters, store, deeds) {
  let any = false;
  for (const old of deeds) {
    if (!letters.possible || old.letter || old.state === "done" || OPEN.test(old.kind)) continue;
    const photos = await Promise.all(old.photos.map((id) => store.photo(id)));
    const { state, n, ...rest } = old;
    const plain = old.plain ?? old.title.split(":")[0] ?? "";
    const closed = await letters.seal({ ...rest, plain }, photos.filter((photo) => photo !== undefined));
    await store.close(old, { ...closed.deed, state, ...(n === undefined ? {} : { n }) }, closed.photos);
    any = true;
  }
  return any;
}

/** Whether a deed lies there as it was read. @param {Deed} old @param {Deed | undefined} now */
export const isAsBefore = (old, now) => now !== undefined && !now.letter && now.state === old.state;

/**
 * @param {string} address base64
 * @param {Uint8Array<ArrayBuffer>} plain
 * @param {string} context what the letter is bound to
 * @returns {Promise<Uint8Array<ArrayBuffer>>} version, its public key, nonce, text and tag
 */
export async function sealed(address, plain, context) {
  const { subtle } = crypto;
  const to = bytesOf(address);
  const [theirs, own] = await Promise.all([
    subtle.importKey("raw", to, CURVE, false, []),
    subtle.generateKey(CURVE, false, ["deriveBits"]),
  ]);
  const point = new Uint8Array(await subtle.exportKey("raw", own.publicKey));
  const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const stretching = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const key = await subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: joined(point, to), info: PURPOSE }, stretching,
    { name: "AES-GCM", length: 256 }, false, ["encrypt"],
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(context);
  const text = await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain);
  return joined(Uint8Array.of(VERSION), point, iv, new Uint8Array(text));
}

/** @param {Uint8Array<ArrayBuffer>[]} parts */
function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {string} base64 */
const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** @param {Uint8Array} bytes */
export const base64Of = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
