/**
 * What the person sees: the tasks as the server last told them, with the person's own deeds that
 * are still on the phone laid over them.
 *
 * @import {Deed, Task} from "./types.js"
 */

/**
 * @typedef {Task & {pending: Deed[], gone: boolean}} ShownTask `pending` are deeds on their way
 *   or refused; `gone` means that after them the task is no longer this person's to do
 */

/** What a deed makes of a task. @type {Record<string, Task["state"]>} */
const BECOMES = {
  "dispatch.accept": "accepted",
  "dispatch.start": "doing",
  "dispatch.decline": "cancelled",
  "dispatch.return_task": "cancelled",
  "dispatch.finish": "done",
  "dispatch.meet": "done",
  "dispatch.verify_answer": "done",
  "dispatch.inspect_answer": "done",
};

/**
 * @param {Task[]} tasks
 * @param {Deed[]} deeds in order
 * @param {string} [asked] when the tasks were asked for: what was done since is not in them yet
 * @returns {ShownTask[]} offers first, then by urgency and what is due first
 */
export function overlay(tasks, deeds, asked = "") {
  const shown = tasks.map((task) => {
    const own = deeds.filter((deed) => deed.subject === task.id);
    const pending = own.filter((deed) => deed.state !== "done");
    let state = task.state;
    for (const deed of own) {
      if (deed.state === "done" && (deed.endedAt ?? "") < asked) continue;
      // A refused deed changed nothing, and what follows it waits for the person.
      if (deed.state === "refused") break;
      state = BECOMES[deed.kind] ?? state;
    }
    return { ...task, state, pending, gone: state === "done" || state === "cancelled" };
  });
  return shown.sort(
    (a, b) =>
      Number(b.state === "offered") - Number(a.state === "offered") ||
      Number(a.gone) - Number(b.gone) ||
      Number(b.urgent) - Number(a.urgent) ||
      (a.answer_by ?? a.due_at ?? "9").localeCompare(b.answer_by ?? b.due_at ?? "9"),
  );
}
