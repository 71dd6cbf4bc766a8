import assert from "node:assert/strict";
import { test } from "node:test";

import {
  History, along, crossing, geometryOf, has, inserted, middlesOf, moved, pointsOf, removed,
  shapeOf, sideAt, snapped, squareMetres,
} from "../../src/wangge/web/static/map/editing.js";

const box = (west, south, east, north) => ({
  type: "Polygon",
  coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
});
const west = shapeOf(box(0, 0, 1, 1));
const east = shapeOf(box(1, 0, 2, 1));
/** A hundred pixels a degree. */
const project = ([x, y]) => [x * 100, -y * 100];

test("a shape goes to GeoJSON and back without losing a piece, a hole or its last point", () => {
  const geometry = {
    type: "MultiPolygon",
    coordinates: [
      [box(0, 0, 9, 9).coordinates[0], box(1, 1, 2, 2).coordinates[0]],
      [box(20, 20, 21, 21).coordinates[0]],
    ],
  };
  assert.deepEqual(geometryOf(shapeOf(geometry)), geometry);
  assert.deepEqual(geometryOf(west), box(0, 0, 1, 1));
  assert.equal(geometryOf([]), null);
  assert.equal(pointsOf(shapeOf(geometry)).length, 12);
});

test("a corner that two areas share moves in both", () => {
  const to = [1.25, 0];
  assert.ok(has(moved(west, [1, 0], to), to));
  assert.ok(has(moved(east, [1, 0], to), to));
  assert.deepEqual(moved(east, [0, 0], to), east);
});

test("a new corner on a shared side is in both rings, between the same two", () => {
  const point = [1, 0.5];
  const [here] = inserted(west, [1, 0], [1, 1], point)[0];
  const [there] = inserted(east, [1, 0], [1, 1], point)[0];
  assert.deepEqual(here, [[0, 0], [1, 0], [1, 0.5], [1, 1], [0, 1]]);
  assert.deepEqual(there, [[1, 0], [2, 0], [2, 1], [1, 1], [1, 0.5]]);
});

test("every side has a middle, and the middle knows its side", () => {
  const middle = middlesOf(west).find(({ point }) => point[0] === 1);
  assert.deepEqual(middle.point, [1, 0.5]);
  assert.deepEqual(sideAt(west, middle.place), { a: [1, 0], b: [1, 1] });
});

test("a ring keeps three corners", () => {
  let shape = west;
  for (const { point } of pointsOf(west)) shape = removed(shape, point);
  assert.equal(shape[0][0].length, 3);
});

test("a hand near a neighbour's corner means the corner, near its side means the side", () => {
  assert.deepEqual(snapped([1.03, 0.02], [west], project, 12), { point: [1, 0], on: "corner" });
  assert.deepEqual(snapped([1.03, 0.5], [west], project, 12), { point: [1, 0.5], on: "side" });
  assert.deepEqual(snapped([1.5, 0.5], [west], project, 12), { point: [1.5, 0.5], on: "" });
  assert.deepEqual(snapped([1.03, 0.02], [], project, 12), { point: [1.03, 0.02], on: "" });
});

test("from corner to corner of a neighbour goes along its border, the shorter way", () => {
  const bent = shapeOf({
    type: "Polygon",
    coordinates: [[[0, 0], [1, 0], [1.2, 0.5], [1, 1], [0, 1], [0, 0]]],
  });
  assert.deepEqual(along([bent], [1, 0], [1, 1]), [[1.2, 0.5]]);
  assert.deepEqual(along([bent], [1, 1], [1, 0]), [[1.2, 0.5]]);
  assert.deepEqual(along([bent], [1, 0], [5, 5]), []);
});

test("a line that crosses itself is noticed", () => {
  assert.equal(crossing(west), null);
  assert.notEqual(crossing([[[[0, 0], [1, 1], [1, 0], [0, 1]]]]), null);
});

test("holes are taken off the size", () => {
  const whole = squareMetres(shapeOf(box(0, 0, 0.01, 0.01)));
  assert.ok(Math.abs(whole - 1113.2 ** 2) < 2000, String(whole));
  const holed = shapeOf({
    type: "Polygon",
    coordinates: [box(0, 0, 0.01, 0.01).coordinates[0], box(0.002, 0.002, 0.007, 0.007).coordinates[0]],
  });
  assert.ok(Math.abs(squareMetres(holed) / whole - 0.75) < 0.001);
});

test("undo goes back step by step, redo forth, and a new step forgets the redone", () => {
  const history = new History(2);
  let state = { n: 0 };
  for (const n of [1, 2, 3]) {
    history.keep(state);
    state = { n };
  }
  state = history.undo(state);
  state = history.undo(state);
  assert.deepEqual([state.n, history.canUndo, history.canRedo], [1, false, true]);
  state = history.redo(state);
  assert.equal(state.n, 2);
  history.keep(state);
  assert.equal(history.canRedo, false);
});
