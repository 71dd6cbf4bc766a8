/**
 * Samples of a testing round as the phone knows them: who is in a tube, which tubes were refused,
 * and the tube in hand. Nothing here is stored; it is worked out from the deeds each time.
 *
 * @import {Deed} from "./types.js"
 * @import {ShownDoor} from "./doors.js"
 */

/** The kind of deed that puts people into a tube. */
export const FILL = "sweeps.fill_tube";

/** People in one tube. @type {Record<string, number>} */
export const HOLDS = { single: 1, five: 5, ten: 10, household: 60 };

/** @typedef {{id: string, code: string, mode: string, held: number, round: string}} Hand */

/** @param {Deed} deed @returns {string[]} residents */
export const peopleOf = (deed) =>
  /** @type {{person: string}[]} */ (deed.body.people ?? []).map((one) => one.person);

/** Samples of a door. @param {Deed[]} deeds own ones, in order @param {string} door */
export function fillsAt(deeds, door) {
  const here = deeds.filter((deed) => deed.kind === FILL && deed.subject === door);
  return {
    refused: here.filter((deed) => deed.state === "refused"),
    /** Resident -> code of the tube that lies in this phone. */
    waiting: codes(here.filter((deed) => deed.state === "waiting")),
    /** The same of tubes that have arrived, which the roster may not show yet. */
    sent: codes(here.filter((deed) => deed.state === "done")),
  };
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
