import assert from "node:assert/strict";
import { test } from "node:test";

import {
  FILL, TAKE_BACK, fillsAt, isSampled, letGo, misread, peopleOf, tubesOf, withFills,
} from "../../src/wangge/web/static/field/tubes.js";

const fill = (id, state, tube, people, door = "d") => ({
  id, kind: FILL, subject: door, state, body: { round: "r", mode: "ten", tube, code: `C-${tube}`, people: people.map((person) => ({ door, person })) },
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

const back = (id, state, tube) => ({ id, kind: TAKE_BACK, subject: "d", state, body: { round: "r", tube } });
const shown = (outcome, persons, ...people) => ({
  id: "d", state: "", settled: false, again: true, outcome, persons, people: people.map((id) => ({ id })),
});

test("a tube is remembered by its code, with everybody who went into it", () => {
  const deeds = [
    fill("1", "done", "t1", ["a"]), fill("2", "waiting", "t1", ["b"], "next door"), fill("3", "refused", "t1", ["c"]),
  ];
  deeds[0].answer = { tube: "the server's" };
  const tube = tubesOf(deeds, "r").get("C-t1");
  assert.deepEqual([[...tube.people], [...tube.doors]], [["a", "b"], ["d", "next door"]]);
  assert.equal(tubesOf(deeds, "another round").size, 0);
  assert.equal(tubesOf([deeds[0], back("4", "waiting", "the server's")], "r").size, 0);
  assert.equal(tubesOf([deeds[0], back("4", "refused", "the server's")], "r").size, 1);
});

test("a tube holds what the server says it does, also where deeds are forgotten", () => {
  const deeds = [fill("9", "done", "t1", ["y"]), fill("10", "waiting", "t1", ["z"])];
  deeds[0].answer = { tube: "t1", samples: 8 };
  assert.equal(tubesOf(deeds, "r").get("C-t1").held, 9);
});

test("a tube that could not be taken back is said at its door", () => {
  const { unbacked } = fillsAt([fill("1", "done", "t1", ["a"]), back("2", "refused", "t1")], "d");
  assert.deepEqual(unbacked.map((deed) => deed.id), ["2"]);
});

test("a door shows what lies in the phone: sampled, complete, and taken back", () => {
  const one = [fill("1", "waiting", "t1", ["a"])];
  const some = withFills(shown(null, {}, "a", "b"), fillsAt(one, "d"));
  assert.deepEqual([some.outcome, some.state, some.settled], ["some", "waiting", false]);
  const two = [...one, fill("2", "waiting", "t2", ["b"])];
  const all = withFills(shown("nobody", {}, "a", "b"), fillsAt(two, "d"));
  assert.deepEqual([all.outcome, all.settled, all.again], ["all", true, false]);
  const exempt = withFills(shown("some", { b: "exempt" }, "a", "b"), fillsAt(one, "d"));
  assert.equal(exempt.outcome, "all");
  const gone = [fill("1", "done", "t1", ["a"]), back("2", "waiting", "t1")];
  const open = withFills(shown("all", { a: "done" }, "a"), fillsAt(gone, "d"));
  assert.deepEqual([open.outcome, open.persons], ["some", { a: "absent" }]);
  const never = [fill("1", "waiting", "t1", ["a"]), back("2", "waiting", "t1")];
  assert.equal(withFills(shown(null, {}, "a"), fillsAt(never, "d")).outcome, null);
  const heard = [fill("1", "done", "t1", ["a"]), back("2", "done", "t1")];
  assert.equal(withFills(shown("some", { a: "absent" }, "a"), fillsAt(heard, "d")).outcome, "some");
});

test("a refused tube marks its door, which is not shown as done", () => {
  const door = withFills(shown(null, {}, "a"), fillsAt([fill("1", "refused", "t1", ["a"])], "d"));
  assert.deepEqual([door.state, door.outcome], ["refused", null]);
});

test("taken back, filled anew and taken back again without a network, nobody is in the tube", () => {
  const anew = (id, state, tube, people) => ({ ...fill(id, state, tube, people), body: { ...fill(id, state, tube, people).body, code: "C-t1" } });
  const first = { ...fill("1", "done", "t1", ["a", "b"]), answer: { tube: "t1", samples: 2 } };
  const again = anew("3", "waiting", "t2", ["a"]);
  const deeds = [first, back("2", "waiting", "t1"), again];
  const tube = tubesOf(deeds, "r").get("C-t1");
  assert.deepEqual([tube.id, tube.held, [...tube.people]], ["t2", 1, ["a"]]);
  const refilled = withFills(shown("all", {}, "a", "b"), fillsAt(deeds, "d"));
  assert.deepEqual([refilled.outcome, refilled.persons], ["some", { a: "done", b: "absent" }]);
  deeds.push(back("4", "waiting", "t2"));
  assert.equal(tubesOf(deeds, "r").size, 0);
  const empty = withFills(shown("all", {}, "a", "b"), fillsAt(deeds, "d"));
  assert.deepEqual([empty.outcome, empty.persons, empty.settled], ["some", { a: "absent", b: "absent" }, false]);
});

test("a slip in a printed code is seen, a laboratory's own code is left alone", () => {
  const round = "0198f000-0000-7000-8000-000012345678";
  const right = "URKV-00127R"; // as tests/sweeps/test_labels.py has it
  assert.equal(misread(round, right), false);
  for (const wrong of ["URKV-00126R", "URKV-01027R", "URKV-00127A"]) assert.equal(misread(round, wrong), true, wrong);
  assert.equal(misread(round, "WXYZ-00127A"), false);
  assert.equal(misread(round, "LAB20260318"), false);
});
