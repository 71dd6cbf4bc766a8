/**
 * Samples of a testing round as the phone knows them: who is in a tube, which tubes were refused,
 * and the tube in hand. Nothing here is stored; it is worked out from the deeds each time.
 *
 * @import {Deed} from "./types.js"
 * @import {ShownDoor} from "./doors.js"
 */

/** The kind of deed that puts people into a tube. */
export const FILL = "sweeps.fill_tube";

/** The kind of deed that says a tube was recorded wrongly. */
export const TAKE_BACK = "sweeps.take_back_tube";

/** People in one tube. @type {Record<string, number>} */
export const HOLDS = { single: 1, five: 5, ten: 10, household: 60 };

/** @typedef {{id: string, code: string, mode: string, held: number, round: string}} Hand */

/** @param {Deed} deed @returns {string[]} residents */
export const peopleOf = (deed) =>
  /** @type {{person: string}[]} */ (deed.body.people ?? []).map((one) => one.person);

/** The tube that a deed filled: as the server knows it, once it has said so. @param {Deed} deed */
const tubeOf = (deed) => String(deed.answer?.tube ?? deed.body.tube ?? "");

/** Tubes that this phone took back, whether the server has heard of it or not. @param {Deed[]} deeds */
const takenBack = (deeds) => new Set(
  deeds.filter((deed) => deed.kind === TAKE_BACK && deed.state !== "refused").map((deed) => String(deed.body.tube)),
);

/**
 * Tubes of a round that this phone filled and still remembers, by code, the latest of each.
 * @param {Deed[]} deeds own ones, in order
 * @param {string} round
 * @returns {Map<string, {id: string, code: string, mode: string, held: number, people: Set<string>, doors: Set<string>}>}
 *   `held` counts who is in it: what the server last said, and who was added since; this phone does not
 *   remember every deed
 */
export function tubesOf(deeds, round) {
  const back = takenBack(deeds);
  const found = new Map();
  for (const deed of deeds) {
    if (deed.kind !== FILL || deed.state === "refused" || deed.body.round !== round) continue;
    const id = tubeOf(deed);
    if (back.has(id) || back.has(String(deed.body.tube))) continue;
    const code = String(deed.body.code);
    const tube = found.get(code) ?? { id, code, mode: String(deed.body.mode), held: 0, people: new Set(), doors: new Set() };
    tube.id = id;
    const samples = Number(deed.answer?.samples ?? 0);
    tube.held += peopleOf(deed).filter((person) => !tube.people.has(person)).length;
    for (const person of peopleOf(deed)) tube.people.add(person);
    tube.held = Math.max(tube.held, samples);
    tube.doors.add(deed.subject);
    found.set(code, tube);
  }
  return found;
}

/** Samples of a door. @param {Deed[]} deeds own ones, in order @param {string} door */
export function fillsAt(deeds, door) {
  const back = takenBack(deeds);
  const here = deeds.filter((deed) => deed.kind === FILL && deed.subject === door
    && !back.has(tubeOf(deed)) && !back.has(String(deed.body.tube)));
  return {
    refused: here.filter((deed) => deed.state === "refused"),
    /** Resident -> code of the tube that lies in this phone. */
    waiting: codes(here.filter((deed) => deed.state === "waiting")),
    /** The same of tubes that have arrived, which the roster may not show yet. */
    sent: codes(here.filter((deed) => deed.state === "done")),
    /** Tubes that could not be taken back. */
    unbacked: deeds.filter((deed) => deed.kind === TAKE_BACK && deed.subject === door && deed.state === "refused"),
    /** Whose tube was taken back, which the server has not heard yet. */
    back: backAt(deeds, door),
  };
}

/** @param {Deed[]} deeds @param {string} door @returns {Set<string>} */
function backAt(deeds, door) {
  const unheard = new Set(deeds.filter((deed) => deed.kind === TAKE_BACK && deed.state === "waiting")
    .map((deed) => String(deed.body.tube)));
  return new Set(deeds.filter((deed) => deed.kind === FILL && deed.subject === door
    && deed.state === "done" && unheard.has(tubeOf(deed))).flatMap(peopleOf));
}

/**
 * A door with what lies in this phone laid over it: who is in a tube that has not been sent, and
 * whose tube was taken back. @param {ShownDoor} door @param {ReturnType<typeof fillsAt>} fills
 * @returns {ShownDoor}
 */
export function withFills(door, { refused, sent, waiting, back }) {
  if (waiting.size === 0 && back.size === 0) {
    return refused.length > 0 && door.state !== "waiting" ? { ...door, state: "refused" } : door;
  }
  const persons = { ...door.persons };
  for (const person of waiting.keys()) persons[person] = "done";
  for (const person of back) if (!waiting.has(person)) persons[person] = "absent";
  const seen = { ...door, persons };
  const whole = door.people.every(({ id }) => persons[id] === "exempt" || isSampled(seen, id, sent));
  const outcome = whole ? (door.outcome === "exempt" ? "exempt" : "all") : "some";
  return { ...seen, outcome, state: "waiting", settled: whole, again: false };
}

/** @param {Deed[]} deeds @returns {Map<string, string>} */
const codes = (deeds) =>
  new Map(deeds.flatMap((deed) => peopleOf(deed).map((person) => [person, String(deed.body.code)])));

/**
 * Whether somebody was sampled. What is said of one person counts before what is said of the
 * household and before what this phone once sent: a tube may have been taken back since.
 * @param {Pick<ShownDoor, "outcome" | "persons">} shown
 * @param {string} person
 * @param {Map<string, string>} sent
 */
export function isSampled(shown, person, sent) {
  const own = shown.persons[person];
  if (own) return own === "done";
  return shown.outcome === "all" || sent.has(person);
}

const STEM = "ABCDEFGHJKLMNPRTUVWX";
const CHARACTERS = `0123456789${STEM}`;

/** ISO/IEC 7064's hybrid system, as in `wangge.sweeps.labels`. @param {string} text */
function check(text) {
  let product = 30;
  for (const one of text.replaceAll("-", "")) {
    const total = (product + CHARACTERS.indexOf(one)) % 30;
    product = ((total || 30) * 2) % 31;
  }
  return CHARACTERS[(31 - product) % 30];
}

/**
 * Whether a code is of this round's own labels and typed wrongly.
 * @param {string} round id @param {string} code
 */
export function misread(round, code) {
  let rest = Number.parseInt(round.replaceAll("-", "").slice(-8), 16);
  let stem = "";
  for (let at = 0; at < 4; at++) {
    stem += STEM[rest % STEM.length];
    rest = Math.floor(rest / STEM.length);
  }
  return /^[A-Z]{4}-\d{5}[0-9A-Z]$/.test(code) && code.startsWith(stem) && check(code.slice(0, -1)) !== code.at(-1);
}

/**
 * Let go of the tube in hand when something that went into it was refused: its code is another's,
 * or it is full, and whatever followed would be refused for the same reason.
 * @param {Hand} hand changed
 * @param {Deed[]} deeds
 * @returns {string} the code let go of, "" for none
 */
export function letGo(hand, deeds) {
  const { id, code } = hand;
  const refused = deeds.some((deed) => deed.kind === FILL && deed.state === "refused" && deed.body.tube === id);
  if (!id || !refused) return "";
  Object.assign(hand, { id: "", code: "", held: 0 });
  return code;
}
