/**
 * The report being written, kept on the phone as it is written, so that a call, a dead battery
 * or a slip of the thumb costs nothing.
 *
 * @import {Deed, Photo} from "./types.js"
 * @import {PhoneStore} from "./store.js"
 * @import {Spot} from "./place.js"
 */

/**
 * @typedef {object} Draft
 * @property {string} words
 * @property {string} class_code "" until one is chosen
 * @property {string} unit_id
 * @property {string} place
 * @property {Spot | undefined} spot
 * @property {Photo[]} photos
 * @property {boolean} solved handled on the spot
 * @property {string} result
 */

/** @returns {Draft} */
export const blank = () => ({
  words: "", class_code: "", unit_id: "", place: "", spot: undefined, photos: [],
  solved: false, result: "",
});

/** @param {Draft} draft */
export const isBlank = (draft) =>
  !draft.words && !draft.class_code && draft.photos.length === 0 && !draft.place;

/** Where a person's draft lies: a phone may be shared. @param {string} who */
export const draftKey = (who) => `draft ${who}`;

/** Milliseconds that an unfinished report lies on the phone, where it cannot be sealed: it has to be read again. */
const DRAFT_LIVES = 24 * 3_600_000;

/** @param {PhoneStore} store @param {string} who @returns {Promise<Draft>} */
export async function kept(store, who) {
  const found = /** @type {Partial<Draft & {at: number}> | undefined} */ (await store.read(draftKey(who)));
  return { ...blank(), ...(isOver(found?.at) ? {} : found) };
}

/** @param {number | undefined} at Unix milliseconds @param {number} [now] */
const isOver = (at, now = Date.now()) => at !== undefined && Math.abs(now - at) > DRAFT_LIVES;

/** Throw an unfinished report away that nobody touched for a day. @param {PhoneStore} store @param {string} who */
export async function forgetOld(store, who) {
  const found = /** @type {{at?: number} | undefined} */ (await store.read(draftKey(who)));
  if (isOver(found?.at)) await store.write(draftKey(who), undefined);
}

/**
 * A refused report, opened again; undefined when what it says cannot be read here and now.
 * @param {import("./app.js").App} app @param {Deed} deed @returns {Promise<Draft | undefined>}
 */
export async function draftOf(app, deed) {
  const found = await app.bodyOf(deed);
  if (!found) return undefined;
  const body = /** @type {Record<string, any>} */ (found);
  const photos = await Promise.all(deed.photos.map((id) => app.store.photo(id)));
  return {
    words: body.words ?? "", class_code: body.class_code ?? "", unit_id: body.unit_id ?? "",
    place: body.place ?? "",
    spot: body.lon === undefined ? undefined : { lon: body.lon, lat: body.lat, metres: 0 },
    photos: photos.filter((photo) => photo !== undefined).map((photo) => app.letters.picture(photo)),
    solved: body.self_close !== undefined, result: body.self_close?.result ?? "",
  };
}

/**
 * The body of the deed. Without words the class speaks for itself.
 * @param {Draft} draft
 * @param {string} id
 * @param {string} className
 * @param {string} at ISO moment
 * @param {string | undefined} area code of the stairwell's area, or of the person's only one
 */
export function reportOf(draft, id, className, at, area) {
  return {
    id, words: draft.words.trim() || className, reported_at: at,
    photos: draft.photos.map((photo) => photo.id),
    ...(draft.class_code ? { class_code: draft.class_code } : {}),
    ...(draft.unit_id ? { unit_id: draft.unit_id } : {}),
    ...(draft.place.trim() ? { place: draft.place.trim() } : {}),
    // A point says more about where than the person's own area does.
    ...(area && !draft.spot ? { area_code: area } : {}),
    ...(draft.spot ? { lon: draft.spot.lon, lat: draft.spot.lat } : {}),
    ...(draft.solved ? { self_close: { result: draft.result.trim() } } : {}),
  };
}

/** Tiles shown before a person has a habit: what stairwells meet most. */
const COMMON = [
  "E0102", "E0401", "Z0101", "E0506", "Y0101", "Y0102", "F0105", "F0102", "C0114", "Y0103", "F0106",
  "E0404",
];

/**
 * Codes for the tiles: the person's own most used first, then the common ones.
 * @param {Record<string, number>} used code -> how often
 * @param {Set<string>} open codes that may be reported now
 * @param {number} most
 */
export function tiles(used, open, most) {
  const own = Object.entries(used).sort(([, a], [, b]) => b - a).map(([code]) => code);
  return [...new Set([...own, ...COMMON])].filter((code) => open.has(code)).slice(0, most);
}
