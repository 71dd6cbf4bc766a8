import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { note, takeOver, typedBefore } from "../../src/wangge/web/static/field/before.js";

/** The page's own form. */
const page = (value, hidden = false) => {
  globalThis.document = {
    querySelector: () => ({ hasAttribute: () => hidden, querySelector: () => ({ value }) }),
  };
};
let written;

beforeEach(() => {
  written = [];
  globalThis.localStorage = { setItem: (...given) => written.push(given) };
});

test("what is noted for the next start is written when it changed, and only then", () => {
  note("/d/town", { english: true, large: false, pin: true });
  note("/d/town", { english: true, large: false, pin: true });
  note("/d/town", { english: true, large: false, pin: false });
  assert.deepEqual(written.map(([key, text]) => [key, JSON.parse(text).pin]), [
    ["wangge-first/d/town", true], ["wangge-first/d/town", false],
  ]);
});

test("a browser that keeps nothing stops nobody", () => {
  globalThis.localStorage = { setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
  note("", { english: false, large: true, pin: true });
});

test("digits are handed over once, and none that were typed where nothing was asked", () => {
  page("2718");
  takeOver();
  assert.deepEqual([typedBefore(), typedBefore()], ["2718", ""]);
  page("2718", true);
  takeOver();
  assert.equal(typedBefore(), "");
});
