/**
 * Screens that are read once the first one is on the phone's glass: a board that opens from cold must
 * not wait for screens nobody asked for. What is asked for earlier is read at once.
 */

/** @type {Record<string, () => Promise<unknown>>} */
const SCREENS = {
  door: () => import("./door.js"),
  mine: () => import("./mine.js"),
  report: () => import("./report.js"),
  signin: () => import("./sign-in.js"),
  stale: () => import("./stale.js"),
  task: () => import("./task.js"),
  tasks: () => import("./tasks.js"),
};
/** Milliseconds after the first paint. */
const AFTER = 1_500;

/** @type {Set<string>} */
const here = new Set();

/** @param {string} name */
async function read(name) {
  await SCREENS[name]?.();
  here.add(name);
}

/**
 * Whether a screen can be shown; if not yet, it is read and `then` called.
 * @param {string} name
 * @param {() => void} then
 */
export function isHere(name, then) {
  if (here.has(name) || !(name in SCREENS)) return true;
  void read(name).then(then, (error) => console.warn("a screen could not be read", name, error));
  return false;
}

/** All others, when the phone has nothing better to do. @param {() => boolean} free */
export function readTheRest(free) {
  const idle = globalThis.requestIdleCallback ?? ((/** @type {() => void} */ work) => setTimeout(work, 0));
  setTimeout(() => idle(() => {
    if (!free()) {
      readTheRest(free);
      return;
    }
    for (const name of Object.keys(SCREENS)) isHere(name, () => undefined);
  }), AFTER);
}
