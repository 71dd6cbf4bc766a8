/**
 * Small things every desk module needs: where the district's pages begin, words in the page's
 * language, and asking the server without losing its refusals.
 */

import { filled } from "../filling.js";

/** The path prefix of the district ("" or "/d/slug"). */
export function base() {
  return document.querySelector('meta[name="base"]')?.getAttribute("content") ?? "";
}

/**
 * The words a template put beside an element, as <script type="application/json" data-words>.
 * @param {ParentNode} root
 * @returns {(key: string, values?: Record<string, string | number>) => string}
 */
export function wordsOf(root) {
  const text = root.querySelector("script[data-words]")?.textContent ?? "{}";
  /** @type {Record<string, string>} */
  const said = JSON.parse(text);
  return (key, values = {}) => filled(said[key] ?? key, values);
}

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | null | undefined | ((event: Event) => void)>} attributes
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (typeof value === "string") made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** What the server would not do, in its own words. */
export class Refused extends Error {
  /** @param {number} status @param {string} words */
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/**
 * @template T
 * @param {string} path below /api/v1
 * @param {{ signal?: AbortSignal }} [options]
 * @returns {Promise<T>}
 */
export async function getJson(path, options = {}) {
  const answer = await fetch(`${base()}/api/v1${path}`, {
    headers: { Accept: "application/json" },
    ...options,
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, String(problem.title ?? answer.status));
  }
  return answer.json();
}

/**
 * Run after the last call in a row has been quiet for `quiet` ms, but never later than `latest` ms
 * after the first: a busy stream must not starve the screen.
 * @param {() => void} work @param {number} quiet @param {number} latest
 */
export function debounced(work, quiet, latest) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let first = 0;
  return () => {
    const now = performance.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        timer = undefined;
        work();
      },
      Math.max(0, Math.min(quiet, first + latest - now)),
    );
  };
}

/** Minutes as people say them. @param {number} minutes @param {(key: string, values?: Record<string, string | number>) => string} say */
export function spoken(minutes, say) {
  if (minutes < 60) return say("minutes", { n: Math.round(minutes) });
  if (minutes < 48 * 60) return say("hours", { n: (minutes / 60).toFixed(minutes < 600 ? 1 : 0) });
  return say("days", { n: Math.round(minutes / 1440) });
}
