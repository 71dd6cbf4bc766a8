/**
 * Doors as the person sees them: the roster as the server last told it, with what this phone
 * reported laid over it. Nothing here is stored or sent; it is worked out anew whenever anything
 * changed, so that it cannot drift.
 *
 * @import {Block, Deed, Door, DoorMemo, Line, Round} from "./types.js"
 */

import { MET, openAt } from "./questions.js";

/** The kind of deed that says what was found at a door. */
export const REPORT = "sweeps.report";

/** The household, or part of it, is done. */
const SAMPLED = new Set(["all", "some"]);
/**
 * What may be said of a door by hand: where tubes tell who is done, that is not.
 * @param {Round} round @param {Door} door
 */
export const sayable = (round, door) => byTube(round, door) ? round.buttons.filter((one) => !SAMPLED.has(one.code)) : round.buttons;

/** @param {Round} round @param {Door} door */
export const byTube = (round, door) => round.by_tube === true && door.people.length > 0;

/** Outcomes in which nobody was met: another pass goes there again. */
const NOT_MET = new Set(["nobody", "locked"]);

/**
 * @typedef {Door & {
 *   state: "" | "saving" | "waiting" | "sent" | "refused",
 *   late: boolean, last: string, mine: string, again: boolean, settled: boolean, deed?: Deed,
 *   answered: string[], must: number, open: number,
 * }} ShownDoor `state` of this phone's own last word; `last` its last report of this door, which
 *   the next one names as `after`; `mine` the report that may be taken back, "" for none;
 *   `again`: this pass goes there once more; `deed` what waits or was refused; `answered` questions
 *   whose answers were sent; `must` and `open`: questions still to be asked, required ones and all
 */

/** @param {string} round @param {string} door */
export const memoId = (round, door) => `${round}/${door}`;

/** Questions that a report answers. @param {Deed} deed */
const answeredBy = (deed) => Object.entries(/** @type {Record<string, unknown>} */ (deed.body.answers ?? {}))
  .filter(([, value]) => value !== "").map(([key]) => key);

/** @param {Deed} deed @param {string} name */
const said = (deed, name) => /** @type {string} */ (deed.body[name] ?? "");

/**
 * What stays on the phone of a report that was taken in: ids, codes and numbers.
 * @param {Deed} deed with its answer
 * @param {DoorMemo | undefined} before
 * @returns {DoorMemo | undefined} undefined for deeds that are not reports of doors
 */
export function memoOf(deed, before) {
  if (deed.kind !== REPORT || !deed.answer) return undefined;
  const answer = /** @type {{version: number, outcome: string | null, flagged?: string[],
   *   late?: boolean}} */ (/** @type {unknown} */ (deed.answer));
  const undone = said(deed, "undoes") !== "";
  return {
    id: memoId(said(deed, "round"), said(deed, "door")),
    round: said(deed, "round"), by: deed.by, last: deed.id, mine: undone ? "" : deed.id,
    // What is taken back shows again what stood before it, until the server has said so itself.
    was: undone ? null : deed.was ?? null,
    turn: undone ? (before?.turn ?? 0) : Number(deed.body.turn ?? 1),
    version: Number(answer.version), outcome: answer.outcome ?? null,
    flagged: answer.flagged ?? [], late: answer.late === true,
    answered: undone ? [] : [...new Set([...(before?.answered ?? []), ...answeredBy(deed)])],
  };
}

/**
 * @param {Block} block
 * @param {Round} round
 * @param {Map<string, DoorMemo>} memos
 * @param {Map<string, Deed[]>} deeds this person's own that are not done, by door, in order
 * @param {Map<string, string | null>} saving door -> outcome that is not on the disk yet
 * @param {string} [today] ISO day, which conditions of questions may speak of
 * @returns {ShownDoor[]} in the roster's order
 */
export function shownDoors(block, round, memos, deeds, saving, today = "") {
  const settled = new Set(round.buttons.filter((one) => one.settled).map((one) => one.code));
  settled.add("moved");
  return block.doors.map((door) => {
    const shown = shownDoor(door, memos.get(memoId(round.id, door.id)), deeds.get(door.id) ?? []);
    if (saving.has(door.id)) {
      shown.state = "saving";
      shown.outcome = saving.get(door.id) ?? null;
    }
    const done = shown.outcome !== null && settled.has(shown.outcome);
    const tried = shown.turn === round.turn;
    const again = !done && !tried && round.turn > 1 && NOT_MET.has(shown.outcome ?? "");
    const met = again ? null : shown.outcome;
    const asks = openAt(round.questions, shown, met, shown.answers, shown.answered, today);
    return {
      ...shown, settled: done, again, open: asks.length,
      must: asks.filter(({ question }) => question.required).length,
    };
  });
}

/** @param {Door} door @param {DoorMemo | undefined} memo @param {Deed[]} deeds */
function shownDoor(door, memo, deeds) {
  const newer = memo !== undefined && memo.version >= door.version;
  /** @type {Omit<ShownDoor, "settled" | "again" | "must" | "open"> & {turn: number}} */
  const shown = {
    ...door, state: memo?.mine ? "sent" : "", late: memo?.late ?? false,
    last: memo?.last ?? "", mine: memo?.mine ?? "", turn: memo?.turn ?? 0,
    answered: newer ? memo.answered ?? [] : [],
    ...(newer ? { version: memo.version, outcome: memo.outcome, flagged: memo.flagged } : {}),
  };
  /** @type {{outcome: string | null, answers: Door["answers"]}[]} what stood before each of these */
  const before = [];
  let was = memo?.was ?? null;
  for (const deed of deeds) {
    shown.deed = deed;
    shown.last = deed.id;
    if (deed.state === "refused") {
      shown.state = "refused"; // it changed nothing
      continue;
    }
    shown.state = "waiting";
    if (said(deed, "undoes")) {
      const back = before.pop();
      shown.outcome = back ? back.outcome : was;
      if (back) shown.answers = back.answers;
      else shown.answered = [];
      shown.mine = "";
      shown.turn = 0;
      was = null;
    } else {
      before.push({ outcome: shown.outcome, answers: shown.answers });
      shown.answers = { ...shown.answers, .../** @type {Door["answers"]} */ (deed.body.answers ?? {}) };
      shown.outcome = said(deed, "outcome") || shown.outcome;
      shown.persons = /** @type {Record<string, string>} */ (deed.body.persons ?? {});
      shown.mine = deed.id;
      shown.turn = Number(deed.body.turn ?? 1);
    }
  }
  return shown;
}

/**
 * Own deeds on doors, by door. What is done has become a memo.
 * @param {Deed[]} deeds in order
 * @param {string | undefined} by
 */
export function byDoor(deeds, by) {
  /** @type {Map<string, Deed[]>} */
  const found = new Map();
  for (const deed of deeds) {
    if (deed.kind !== REPORT || deed.by !== by || deed.state === "done") continue;
    const door = said(deed, "door");
    const there = found.get(door);
    if (there) there.push(deed);
    else found.set(door, [deed]);
  }
  return found;
}

/**
 * What of a stairwell is mine: `floors` I knock on (all without), for `home` those I only visit on, and the
 * `visits` of whoever knocks too.
 * @typedef {{floors: number[][] | null, home?: boolean, visits?: number[][]}} Part
 */

/** @param {number[][] | null} floors @param {number} floor */
const among = (floors, floor) => !floors || floors.some(([low = 0, high = 0]) => floor >= low && floor <= high);

/** Whether I visit there: somebody cannot come out, or a visit was asked for. @param {Door} door @param {Part} part */
const isVisited = (door, part) =>
  (door.outcome === "visit" || door.people.some((person) => person.special)) &&
  among(part.home ? part.floors : part.visits ?? [], door.floor);

/** @param {Door} door @param {Part} part */
export const isMine = (door, part) =>
  isVisited(door, part) || (!part.home && among(part.floors, door.floor));

/** Doors that are mine. @param {Door[]} doors @param {Part} part */
export const mineOf = (doors, part) => doors.filter((door) => isMine(door, part));

/**
 * What is open where I visit at home: all that none of these settled outcomes stands at. Nothing of the kind
 * for doors where I knock.
 * @param {Round} round @param {Part} part @returns {((door: Door) => Set<string> | undefined) | undefined}
 */
export function settledFor(round, part) {
  if (!part.home && !part.visits?.length) return undefined;
  const settled = new Set([...round.buttons.filter((one) => one.settled).map((one) => one.code), "moved"]);
  return (door) => isVisited(door, part) ? settled : undefined;
}

/**
 * How far it is: doors that nobody has reported, and doors to go to again. Where `settled` names outcomes, a
 * door is left until one of these stands at it.
 * @param {ShownDoor[]} doors @param {(door: Door) => Set<string> | undefined} [settled]
 */
export function tally(doors, settled) {
  const here = doors.filter((door) => !door.gone);
  const left = here.filter((door) => {
    const codes = settled?.(door);
    return codes ? !codes.has(door.outcome ?? "") : door.outcome === null;
  });
  return {
    total: here.length,
    left: left.length,
    again: here.filter((door) => door.again && !settled?.(door)).length,
    unsent: doors.filter((door) => door.state === "waiting").length,
    refused: doors.filter((door) => door.state === "refused").length,
    flagged: doors.filter((door) => door.flagged.length > 0).length,
    late: doors.filter((door) => door.late).length,
    asks: here.filter((door) => asksMark(door)).length,
  };
}

/**
 * Whether a door is marked as having something to ask: where something must be, or somebody was met
 * and nothing was asked yet. What was skipped beside answers was skipped.
 * @param {ShownDoor} door
 */
export const asksMark = (door) => {
  const begun = door.answered.length > 0 || Object.values(door.answers).some((one) => one !== "");
  return !door.gone && (door.must > 0 || (door.open > 0 && !begun && MET.has(door.outcome ?? "")));
};

/**
 * By floor, top first, rooms in order.
 * @template {Door} T
 * @param {T[]} doors
 * @returns {[floor: number, doors: T[]][]}
 */
export function floors(doors) {
  /** @type {Map<number, T[]>} */
  const found = new Map();
  for (const door of doors) found.set(door.floor, [...(found.get(door.floor) ?? []), door]);
  return [...found].sort(([a], [b]) => b - a);
}

/** Columns up to which rooms stand above one another. */
const COLUMNS_MAX = 4;

/**
 * The stairwell as it stands: the same room of every floor in one column, where there are few
 * enough; undefined where there are not, or rooms have no numbers.
 * @param {Door[]} doors
 * @returns {string[] | undefined} what room numbers end with
 */
export function columns(doors) {
  const ends = new Set(doors.map((door) => column(door)));
  if (ends.has("") || ends.size > COLUMNS_MAX) return undefined;
  const twice = new Set(doors.map((door) => `${door.floor}/${column(door)}`));
  return twice.size === doors.length ? [...ends].sort() : undefined;
}

/** "1203" on the 12th floor ends with "03". @param {Door} door */
export const column = (door) =>
  door.room.startsWith(String(door.floor)) ? door.room.slice(String(door.floor).length) : "";

/**
 * The roster as kept, with what the server told since: its doors replace those of the same id.
 * @param {Block | undefined} kept
 * @param {Block} fresh
 * @returns {Block}
 */
export function mergedBlock(kept, fresh) {
  const doors = new Map((kept?.doors ?? []).map((door) => [door.id, door]));
  for (const door of fresh.doors) doors.set(door.id, door);
  return {
    ...fresh,
    doors: [...doors.values()].sort(
      (a, b) => b.floor - a.floor || a.room.localeCompare(b.room, "zh", { numeric: true })
        || a.id.localeCompare(b.id),
    ),
  };
}

/**
 * The body of a report. What the person knew goes with it: `base` and `after`, by no clock.
 * @param {Round} round
 * @param {string} block
 * @param {ShownDoor} door
 * @param {Line} line
 */
export function reportOf(round, block, door, line) {
  const { words, persons, needs, answers, ...rest } = line;
  return {
    round: round.id, block, door: door.id, turn: round.turn, base: door.version,
    ...rest,
    ...(door.last ? { after: door.last } : {}),
    ...(persons && Object.keys(persons).length ? { persons } : {}),
    ...(needs?.length ? { needs } : {}),
    ...(answers && Object.keys(answers).length ? { answers } : {}),
    ...(words?.trim() ? { words: words.trim() } : {}),
  };
}
