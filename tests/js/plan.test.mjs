import assert from "node:assert/strict";
import { test } from "node:test";
import { weighed } from "../../src/wangge/web/static/map/plan-weighing.js";

/** @type {import("../../src/wangge/web/static/map/plan-weighing.js").Balance} */
const heavy = [["red", "▲"], 1.4];
/** @type {import("../../src/wangge/web/static/map/plan-weighing.js").Balance} */
const light = [["blue", "▼"], 0.5];
const plan = {
  grids: [
    { code: "1", name: "一号", before: light, after: heavy },
    { code: "2", name: "二号", before: heavy, after: light },
  ],
  units: [{ id: "u", name: "1幢1单元", lon: 0, lat: 0, before: "2", after: "1", share: 0.45 }],
};
const WORDS = "{old}{a0}→{a1},{new}{b0}→{b1}";

test("what a stairwell weighs leaves one micro-grid and comes to the other, as planned and not as today", () => {
  assert.equal(weighed(plan, "u", "2", WORDS), "一号1.40→0.95,二号0.50→0.95");
});

test("nothing is said of a stairwell that stays, or is not there", () => {
  assert.equal(weighed(plan, "u", "1", WORDS), "");
  assert.equal(weighed(plan, "?", "2", WORDS), "");
  assert.equal(weighed(plan, "u", "9", WORDS), "");
});
