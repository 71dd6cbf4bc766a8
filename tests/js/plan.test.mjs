import assert from "node:assert/strict";
import { test } from "node:test";
import { taken, weighed } from "../../src/wangge/web/static/map/plan-weighing.js";

/** @type {import("../../src/wangge/web/static/map/plan-weighing.js").Balance} */
const heavy = [["red", "▲"], 1.4];
/** @type {import("../../src/wangge/web/static/map/plan-weighing.js").Balance} */
const light = [["blue", "▼"], 0.5];
const plan = {
  grids: [
    { code: "1", name: "一号", label: "1", before: light, after: heavy },
    { code: "2", name: "二号", label: "2", before: heavy, after: light },
  ],
  units: [{ id: "u", name: "1幢1单元", lon: 0, lat: 0, before: "2", after: "1", share: 0.45 }],
  steps: [],
  households: 100,
  heavy: 1.25,
  light: 0.6,
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

test("a part of the steps is drawn and counted as that part, all of them as proposed", () => {
  /** @type {import("../../src/wangge/web/static/map/plan-weighing.js").Plan} */
  const two = {
    grids: [
      { code: "1", name: "一号", label: "1", before: [["red", "▲"], 1.6], after: [["green", ""], 1.1] },
      { code: "2", name: "二号", label: "2", before: [["blue", "▼"], 0.5], after: [["green", ""], 0.8] },
      { code: "3", name: "三号", label: "3", before: [["green", ""], 0.9], after: [["green", ""], 1.1] },
    ],
    units: [
      { id: "u", name: "1幢1单元", lon: 0, lat: 0, before: "1", after: "2", share: 0.3 },
      { id: "v", name: "1幢2单元", lon: 1, lat: 0, before: "1", after: "3", share: 0.2 },
      { id: "w", name: "1幢3单元", lon: 2, lat: 0, before: "3", after: "3", share: 0.2 },
    ],
    steps: [
      { key: "1>2", units: 1, heads: 12, share: 0.3 },
      { key: "1>3", units: 1, heads: 0, share: 0.2 },
    ],
    households: 100,
    heavy: 1.25,
    light: 0.6,
  };
  const part = taken(two, new Set(["1>2"]));
  assert.deepEqual([part.steps, part.units, part.heads], [1, 1, 12]);
  assert.deepEqual(part.plan.grids.map((grid) => [grid.after[0][1], grid.after[1].toFixed(2)]), [["▲", "1.30"], ["", "0.80"], ["", "0.90"]]);
  assert.deepEqual(part.plan.units.map((unit) => unit.after), ["2", "1", "3"]);
  assert.equal(`${part.most.toFixed(2)} ${part.least.toFixed(2)}`, "1.30 0.80");
  assert.equal(part.fair, false);
  assert.equal(taken(two, new Set(["1>2", "1>3"])).fair, true);
  assert.deepEqual(taken(two, new Set(["1>2", "1>3"])).plan, two);
  assert.deepEqual(taken(two, new Set()).plan.grids.map((grid) => grid.after[1]), [1.6, 0.5, 0.9]);
});
