/**
 * What the page shows before the app is there (`first.js`): the app notes for the next start whether a
 * PIN is to be asked for and how, and takes what was typed meanwhile. Nothing of anybody's is in it.
 */

/** What was noted last. */
let noted = "";

/** @param {string} base prefix of the district @param {{english: boolean, large: boolean, pin: boolean}} what */
export function note(base, what) {
  const text = JSON.stringify(what);
  if (text === noted) return;
  noted = text;
  try {
    localStorage.setItem(`wangge-first${base}`, text);
  } catch {
    // Full, or not allowed: the app asks for the PIN itself, a moment later.
  }
}

let digits = "";

/** The page's own form goes now; its digits stay to be taken. */
export function takeOver() {
  const form = document.querySelector("#first");
  digits = form?.hasAttribute("hidden") ? "" : form?.querySelector("input")?.value ?? "";
}

/** What was typed before the app was there, given once. */
export function typedBefore() {
  const typed = digits;
  digits = "";
  return typed;
}
