/**
 * Which questions are asked at a door, and whether an answer will do. Conditions are data
 * (`wangge.sweeps.conditions`) and are read here by the same rules as on the server; a test holds
 * the two to one another. Nothing is ever run as code.
 *
 * @import {Door, Node, Question} from "./types.js"
 */

/** Somebody was met, so that questions can be asked (`model.MET`). */
export const MET = new Set(["all", "some", "visit", "exempt"]);

const NUMBER = /^-?\d{1,15}(\.\d{1,6})?$/;

/** @typedef {string | number | boolean} Value */

/** @param {Value | undefined | null} value */
const plain = (value) => (value === true ? "yes" : value === false ? "no" : value ?? "");
/** @param {Value} value */
const truth = (value) => value !== "" && value !== 0 && value !== false;
/** @param {Value} value */
const number = (value) => (NUMBER.test(String(value)) ? Number(value) : undefined);
/** @param {Value} value */
const words = (value) => String(value).split(/\s+/).filter(Boolean);

/**
 * @param {Node | undefined | null} node
 * @param {Record<string, Value>} answers
 * @param {Value} [it] the answer that is looked at
 * @param {string} [today] ISO day
 * @returns {boolean} whether a condition holds; no condition does
 */
export const holds = (node, answers, it = "", today = "") =>
  !node || truth(value(node, answers, it, today));

/**
 * @param {Node} node @param {Record<string, Value>} answers @param {Value} it @param {string} today
 * @returns {Value}
 */
function value(node, answers, it, today) {
  const [what, ...parts] = node;
  const of = (/** @type {number} */ at) => value(/** @type {Node} */ (parts[at]), answers, it, today);
  switch (what) {
    case "v": return /** @type {Value} */ (parts[0]);
    case "q": return plain(answers[String(parts[0])]);
    case "it": return plain(it);
    case "today": return today;
    case "and": return parts.every((_, at) => truth(of(at)));
    case "or": return parts.some((_, at) => truth(of(at)));
    case "not": return !truth(of(0));
    case "has": return words(of(0)).includes(String(parts[1]));
    case "count": return words(of(0)).length;
    case "len": return [...String(of(0))].length;
    default: return compare(String(what), of(0), of(1));
  }
}

/** @param {string} op @param {Value} left @param {Value} right */
function compare(op, left, right) {
  const a = number(left);
  const b = number(right);
  if (a !== undefined && b !== undefined) return ordered(op, Math.sign(a - b));
  const one = String(left);
  const other = String(right);
  const same = op === "=" || op === "!=";
  if (!same && (!one || !other || a !== undefined || b !== undefined)) return false;
  return ordered(op, one > other ? 1 : one < other ? -1 : 0);
}

/** @param {string} op @param {number} sign */
function ordered(op, sign) {
  switch (op) {
    case "=": return sign === 0;
    case "!=": return sign !== 0;
    case "<": return sign < 0;
    case ">": return sign > 0;
    case "<=": return sign <= 0;
    default: return sign >= 0;
  }
}

/**
 * @typedef {object} Ask one question of one door, or of one person behind it
 * @property {string} key what its answer goes by
 * @property {Question} question
 * @property {string} person id, "" for the household
 * @property {Record<string, Value>} seen what its conditions see
 */

/**
 * Everything to show at a door with these answers, notes included, in the order of the form.
 * @param {Question[]} questions
 * @param {Pick<Door, "asks" | "known" | "people">} door
 * @param {Record<string, Value>} answers
 * @param {string} today
 * @returns {Ask[]}
 */
export function asksAt(questions, door, answers, today) {
  const asks = new Set(door.asks ?? []);
  const known = door.known ?? {};
  /** @type {Ask[]} */
  const found = [];
  for (const question of questions) {
    const whom = question.of === "person" ? door.people.map((person) => person.id) : [""];
    for (const [at, person] of whom.entries()) {
      const asked = person ? `${question.key}@${at}` : question.key;
      if (question.kind !== "note" && !asks.has(asked)) continue;
      const seen = {
        ...without(known), ...(person ? ending(known, `@${at}`) : {}),
        ...without(answers), ...(person ? ending(answers, `@${person}`) : {}),
      };
      if (!holds(question.when, seen, "", today)) continue;
      found.push({ key: person ? `${question.key}@${person}` : question.key, question, person, seen });
    }
  }
  return found;
}

/** @param {Record<string, Value>} all */
const without = (all) =>
  Object.fromEntries(Object.entries(all).filter(([key, one]) => !key.includes("@") && one !== ""));

/** @param {Record<string, Value>} all @param {string} end */
const ending = (all, end) =>
  Object.fromEntries(Object.entries(all).filter(([key, one]) => key.endsWith(end) && one !== "")
    .map(([key, one]) => [key.slice(0, -end.length), one]));

/**
 * What is still to be asked: nothing where nobody was met.
 * @param {Question[]} questions
 * @param {Pick<Door, "asks" | "known" | "people">} door
 * @param {string | null} outcome null: as if somebody were met
 * @param {Record<string, Value>} answers
 * @param {Iterable<string>} answered keys whose answers this phone has sent and does not hold
 * @param {string} today
 */
export function openAt(questions, door, outcome, answers, answered, today) {
  if (!door.asks?.length || (outcome !== null && !MET.has(outcome))) return [];
  const done = new Set(answered);
  return asksAt(questions, door, answers, today).filter(({ key, question }) =>
    question.kind !== "note" && !done.has(key) && (answers[key] ?? "") === "");
}

/**
 * What the round before was told of the questions that are asked here and have no answer yet, with
 * those that these answers bring up. An answer of then that will not do any more is left out.
 * @param {Question[]} questions
 * @param {Pick<Door, "asks" | "known" | "people" | "before">} door
 * @param {Record<string, Value>} answers
 * @param {Iterable<string>} answered keys whose answers this phone has sent and does not hold
 * @param {string} today
 * @returns {Record<string, Value>}
 */
export function sameAsBefore(questions, door, answers, answered, today) {
  const before = door.before ?? {};
  /** @type {Record<string, Value>} */
  const same = {};
  for (let more = true; more;) {
    more = false;
    for (const ask of openAt(questions, door, null, { ...answers, ...same }, answered, today)) {
      const then = before[ask.key];
      if (then === undefined || wrongWith(ask, then, today)) continue;
      same[ask.key] = then;
      more = true;
    }
  }
  return same;
}

/** An answer in words. @param {Question} question @param {Value} value @param {(text: string) => string} t */
export function inWords(question, value, t) {
  if (typeof value === "boolean") return value ? t("是") : t("否");
  if (question.kind !== "choice" && question.kind !== "choices") return String(value);
  const known = new Map((question.choices ?? []).map((one) => [one.code, one.words]));
  return words(value).map((code) => known.get(code) ?? code).join("、");
}

/**
 * Why an answer will not do, as a code; "" when it will.
 * @param {Ask} ask @param {Value} answer @param {string} today
 * @returns {"" | "kind" | "must"}
 */
export function wrongWith({ question, seen }, answer, today) {
  if (answer === "") return "";
  const typed = {
    number: () => typeof answer === "number" && Number.isInteger(answer) && Math.abs(answer) < 1e9,
    decimal: () => typeof answer === "number" && Number.isFinite(answer) && Math.abs(answer) < 1e9,
    date: () => /^\d{4}-\d{2}-\d{2}$/.test(String(answer)),
    phone: () => /^[+\d][\d -]{4,19}$/.test(String(answer)),
  }[/** @type {"number"} */ (question.kind)];
  if (typed && !typed()) return "kind";
  return holds(question.must, seen, answer, today) ? "" : "must";
}

/** Today in China, as an ISO day. @param {number} now Unix milliseconds */
export const dayOf = (now) => new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
