/** What a plan's map draws, and what a stairwell weighs in it. */

/** @typedef {[[import("./base.js").Colour, string], number]} Balance */
/** @typedef {{ code: string, name: string, before: Balance, after: Balance }} Grid */
/** @typedef {{ id: string, name: string, lon: number, lat: number, before: string, after: string, share: number }} Unit */
/** @typedef {{ grids: Grid[], units: Unit[] }} Plan */

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
  return words.replace(/\{(\w+)\}/g, (whole, key) => said[key] ?? whole);
}
