/** What a plan's map draws, and what a stairwell weighs in it. */

import { filled } from "../filling.js";

/** @typedef {[[import("./base.js").Colour, string], number]} Balance */
/** @typedef {{ code: string, name: string, label: string, before: Balance, after: Balance }} Grid */
/** @typedef {{ id: string, name: string, lon: number, lat: number, before: string, after: string, share: number }} Unit */
/** What goes together from one micro-grid to another; its key is `from>to`. @typedef {{ key: string, units: number, heads: number, share: number }} Step */
/** @typedef {{ grids: Grid[], units: Unit[], steps: Step[], households: number, heavy: number, light: number }} Plan */

/**
 * What it would do to both micro-grids if a stairwell went to another, in shares of the mean; "" where it
 * would stay. `words` has {old} {a0} {a1} {new} {b0} {b1} in it.
 * @param {Plan} plan @param {string} id @param {string} to @param {string} words @returns {string}
 */
export function weighed(plan, id, to, words) {
  const unit = plan.units.find((one) => one.id === id);
  const was = plan.grids.find((one) => one.code === unit?.after);
  const will = plan.grids.find((one) => one.code === to);
  if (!unit || !was || !will || was === will) return "";
  /** @type {Record<string, string>} */
  const said = {
    old: was.name,
    a0: was.after[1].toFixed(2),
    a1: Math.max(0, was.after[1] - unit.share).toFixed(2),
    new: will.name,
    b0: will.after[1].toFixed(2),
    b1: (will.after[1] + unit.share).toFixed(2),
  };
  return filled(words, said);
}

/**
 * The plan as it would be if only some of its steps were taken, and what that comes to.
 * @param {Plan} plan @param {Set<string>} keys of the steps that are taken
 */
export function taken(plan, keys) {
  const some = plan.steps.filter((step) => keys.has(step.key));
  const all = some.length === plan.steps.length;
  /** @type {Map<string, number>} */
  const came = new Map();
  for (const { key, share } of some) {
    const [from = "", to = ""] = key.split(">");
    came.set(from, (came.get(from) ?? 0) - share);
    came.set(to, (came.get(to) ?? 0) + share);
  }
  const grids = all ? plan.grids : plan.grids.map((grid) => {
    const ratio = Math.max(0, grid.before[1] + (came.get(grid.code) ?? 0));
    return { ...grid, after: came.has(grid.code) ? stands(ratio, plan) : grid.before };
  });
  const ratios = grids.map((grid) => grid.after[1]);
  return {
    plan: {
      ...plan,
      grids,
      units: plan.units.map((unit) => (keys.has(`${unit.before}>${unit.after}`) ? unit : { ...unit, after: unit.before })),
    },
    steps: some.length,
    units: some.reduce((sum, step) => sum + step.units, 0),
    heads: some.reduce((sum, step) => sum + step.heads, 0),
    most: Math.max(0, ...ratios),
    least: ratios.length ? Math.min(...ratios) : 0,
    fair: grids.every((grid) => grid.after[0][1] === ""),
  };
}

/** @param {number} ratio @param {Plan} plan @returns {Balance} */
function stands(ratio, { heavy, light }) {
  if (ratio > heavy + 1e-9) return [["red", "▲"], ratio];
  if (ratio < 0.0005) return [["yellow", "○"], 0];
  return [ratio < light - 1e-9 ? ["blue", "▼"] : ["green", ""], ratio];
}
