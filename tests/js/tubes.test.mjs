import assert from "node:assert/strict";
import { test } from "node:test";

import { FILL, fillsAt, isSampled, letGo, peopleOf } from "../../src/wangge/web/static/field/tubes.js";

const fill = (id, state, tube, people, door = "d") => ({
  id, kind: FILL, subject: door, state, body: { tube, code: `C-${tube}`, people: people.map((person) => ({ door, person })) },
});
const nobody = new Map();

test("samples of a door are told apart: those that lie in the phone, those that arrived, those refused", () => {
  const deeds = [
    fill("1", "done", "t1", ["a"]), fill("2", "waiting", "t2", ["b"]), fill("3", "refused", "t3", ["c"]),
    fill("4", "waiting", "t4", ["x"], "another door"),
  ];
  const { refused, sent, waiting } = fillsAt(deeds, "d");
  assert.deepEqual([...waiting], [["b", "C-t2"]]);
  assert.deepEqual([...sent], [["a", "C-t1"]]);
  assert.deepEqual(refused.flatMap(peopleOf), ["c"]);
});

test("who is missing again after a tube was taken back is not shown as sampled", () => {
  const sent = new Map([["a", "C-t1"]]);
  for (const outcome of ["all", "some"]) {
    assert.equal(isSampled({ outcome, persons: { a: "absent" } }, "a", sent), false);
    assert.equal(isSampled({ outcome, persons: { a: "done" } }, "a", nobody), true);
  }
  assert.equal(isSampled({ outcome: "all", persons: {} }, "a", nobody), true);
  assert.equal(isSampled({ outcome: "some", persons: {} }, "a", nobody), false);
  assert.equal(isSampled({ outcome: null, persons: {} }, "a", sent), true); // the roster is still to come
});

test("a refused tube leaves the hand, once, and no other does", () => {
  const hand = { id: "t1", code: "C-t1", mode: "ten", held: 3, round: "r" };
  assert.equal(letGo(hand, [fill("1", "waiting", "t1", ["a"]), fill("2", "refused", "t0", ["b"])]), "");
  assert.equal(hand.held, 3);
  const deeds = [fill("1", "refused", "t1", ["a"])];
  assert.equal(letGo(hand, deeds), "C-t1");
  assert.deepEqual(hand, { id: "", code: "", mode: "ten", held: 0, round: "r" });
  assert.equal(letGo(hand, deeds), "");
});
