/**
 * Editing a boundary, without a map: points, rings, borders that two areas share, undo. A shape is
 * a list of pieces (an area and its islands), a piece a list of rings (the outer one, then holes),
 * a ring a list of points that does not repeat its first.
 */

/** @typedef {[number, number]} Point */
/** @typedef {Point[]} Ring */
/** @typedef {Ring[][]} Shape */
/** @typedef {{ piece: number, ring: number, at: number }} Place */
/** @typedef {{ type: string, coordinates: any }} Geometry */

/** Decimals of a degree: a centimetre. */
const DECIMALS = 7;

/** @param {number} value */
const rounded = (value) => Number(value.toFixed(DECIMALS));

/** @param {Point} a @param {Point} b */
export const same = (a, b) => a[0] === b[0] && a[1] === b[1];

/** @param {Geometry | null | undefined} geometry @returns {Shape} */
export function shapeOf(geometry) {
  if (!geometry) return [];
  /** @type {Point[][][]} */
  const pieces = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  return pieces.map((rings) => rings.map((ring) => open(ring.map(([x, y]) => /** @type {Point} */ ([rounded(x), rounded(y)])))));
}

/** @param {Ring} ring @returns {Ring} */
function open(ring) {
  const first = ring[0];
  const last = ring[ring.length - 1];
  return ring.length > 1 && first && last && same(first, last) ? ring.slice(0, -1) : ring;
}

/** @param {Shape} shape @returns {Geometry | null} null when nothing is drawn */
export function geometryOf(shape) {
  const pieces = shape.map((rings) =>
    rings.map((ring) => [...ring, .../** @type {Ring} */ (ring.slice(0, 1))].map(([x, y]) => [rounded(x), rounded(y)])),
  );
  if (pieces.length === 0) return null;
  return pieces.length === 1
    ? { type: "Polygon", coordinates: pieces[0] }
    : { type: "MultiPolygon", coordinates: pieces };
}

/** Every point with its place. @param {Shape} shape @returns {{ point: Point, place: Place }[]} */
export function pointsOf(shape) {
  return shape.flatMap((rings, piece) =>
    rings.flatMap((points, ring) => points.map((point, at) => ({ point, place: { piece, ring, at } }))),
  );
}

/** The middle of every side, with the place a new point there would get.
 * @param {Shape} shape @returns {{ point: Point, place: Place }[]} */
export function middlesOf(shape) {
  return shape.flatMap((rings, piece) =>
    rings.flatMap((points, ring) =>
      points.map((a, at) => {
        const b = /** @type {Point} */ (points[(at + 1) % points.length]);
        return {
          point: /** @type {Point} */ ([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]),
          place: { piece, ring, at: at + 1 },
        };
      }),
    ),
  );
}

/** A copy in which every point at `from` is at `to`. @param {Shape} shape @param {Point} from @param {Point} to */
export function moved(shape, from, to) {
  /** @type {Point} */
  const there = [rounded(to[0]), rounded(to[1])];
  return shape.map((rings) => rings.map((ring) => ring.map((point) => (same(point, from) ? there : point))));
}

/** @param {Shape} shape @param {Point} point */
export const has = (shape, point) => pointsOf(shape).some((one) => same(one.point, point));

/** A copy with another point on the side between two neighbours, wherever they are neighbours.
 * @param {Shape} shape @param {Point} a @param {Point} b @param {Point} point */
export function inserted(shape, a, b, point) {
  /** @type {Point} */
  const made = [rounded(point[0]), rounded(point[1])];
  return shape.map((rings) =>
    rings.map((ring) =>
      ring.flatMap((one, at) => {
        const next = /** @type {Point} */ (ring[(at + 1) % ring.length]);
        const between = (same(one, a) && same(next, b)) || (same(one, b) && same(next, a));
        return between ? [one, made] : [one];
      }),
    ),
  );
}

/** A copy without the points at a place; a ring of three keeps them. @param {Shape} shape @param {Point} point */
export function removed(shape, point) {
  return shape.map((rings) =>
    rings.map((ring) => (ring.length > 3 ? ring.filter((one) => !same(one, point)) : ring)),
  );
}

/** The ends of the side on which a new point at a place would lie. @param {Shape} shape @param {Place} place */
export function sideAt(shape, place) {
  const ring = /** @type {Ring} */ (shape[place.piece]?.[place.ring] ?? []);
  const a = ring[(place.at - 1 + ring.length) % ring.length];
  const b = ring[place.at % ring.length];
  return a && b ? { a, b } : null;
}

/**
 * Where a point near others belongs: on a neighbour's corner, else on a neighbour's side, else where
 * it is. Distances are in pixels, so that a hand's precision is the screen's.
 * @param {Point} point
 * @param {Shape[]} others
 * @param {(point: Point) => Point} project degrees to pixels
 * @param {number} reach pixels
 * @returns {{ point: Point, on: "corner" | "side" | "" }}
 */
export function snapped(point, others, project, reach) {
  const [x, y] = project(point);
  let best = reach;
  /** @type {Point | null} */
  let corner = null;
  for (const shape of others) {
    for (const { point: other } of pointsOf(shape)) {
      const [ox, oy] = project(other);
      const far = Math.hypot(ox - x, oy - y);
      if (far < best) {
        best = far;
        corner = other;
      }
    }
  }
  if (corner) return { point: corner, on: "corner" };
  /** @type {Point | null} */
  let foot = null;
  for (const shape of others) {
    for (const rings of shape) {
      for (const ring of rings) {
        ring.forEach((a, at) => {
          const b = /** @type {Point} */ (ring[(at + 1) % ring.length]);
          const [ax, ay] = project(a);
          const [bx, by] = project(b);
          const length = (bx - ax) ** 2 + (by - ay) ** 2;
          if (length === 0) return;
          const along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length;
          if (along <= 0 || along >= 1) return;
          const far = Math.hypot(ax + along * (bx - ax) - x, ay + along * (by - ay) - y);
          if (far < best) {
            best = far;
            foot = [rounded(a[0] + along * (b[0] - a[0])), rounded(a[1] + along * (b[1] - a[1]))];
          }
        });
      }
    }
  }
  return foot ? { point: foot, on: "side" } : { point: [rounded(point[0]), rounded(point[1])], on: "" };
}

/**
 * The corners of a neighbour's border between two of them, the shorter way round, so that a border
 * drawn from corner to corner is the neighbour's own and leaves no sliver. Empty when they are not
 * on one ring.
 * @param {Shape[]} others @param {Point} a @param {Point} b @returns {Point[]}
 */
export function along(others, a, b) {
  for (const shape of others) {
    for (const ring of shape.flat()) {
      const from = ring.findIndex((point) => same(point, a));
      const to = ring.findIndex((point) => same(point, b));
      if (from < 0 || to < 0 || from === to) continue;
      const forward = walk(ring, from, to, 1);
      const backward = walk(ring, from, to, -1);
      return length([a, ...forward, b]) <= length([a, ...backward, b]) ? forward : backward;
    }
  }
  return [];
}

/** @param {Ring} ring @param {number} from @param {number} to @param {1 | -1} step */
function walk(ring, from, to, step) {
  /** @type {Point[]} */
  const passed = [];
  for (let at = from; ; ) {
    at = (at + step + ring.length) % ring.length;
    if (at === to) return passed;
    passed.push(/** @type {Point} */ (ring[at]));
  }
}

/** @param {Point[]} points */
function length(points) {
  let sum = 0;
  for (let at = 1; at < points.length; at++) {
    const [ax, ay] = /** @type {Point} */ (points[at - 1]);
    const [bx, by] = /** @type {Point} */ (points[at]);
    sum += Math.hypot((bx - ax) * Math.cos((ay * Math.PI) / 180), by - ay);
  }
  return sum;
}

/** Whether two sides cross, but for ends that meet. @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
function cross(a, b, c, d) {
  if (same(a, c) || same(a, d) || same(b, c) || same(b, d)) return false;
  /** @param {Point} p @param {Point} q @param {Point} r */
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);
}

/** Where a shape's own lines cross, or null. @param {Shape} shape @returns {Point | null} */
export function crossing(shape) {
  /** @type {[Point, Point][]} */
  const sides = shape.flat().flatMap((ring) =>
    ring.length < 2
      ? []
      : ring.map((a, at) => /** @type {[Point, Point]} */ ([a, /** @type {Point} */ (ring[(at + 1) % ring.length])])),
  );
  for (let one = 0; one < sides.length; one++) {
    for (let two = one + 1; two < sides.length; two++) {
      const [a, b] = /** @type {[Point, Point]} */ (sides[one]);
      const [c, d] = /** @type {[Point, Point]} */ (sides[two]);
      if (cross(a, b, c, d)) return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    }
  }
  return null;
}

/** Square metres, by the shoelace rule on a local flat map. @param {Shape} shape */
export function squareMetres(shape) {
  const metre = 111320;
  let sum = 0;
  for (const rings of shape) {
    rings.forEach((ring, number) => {
      let twice = 0;
      ring.forEach((a, at) => {
        const b = /** @type {Point} */ (ring[(at + 1) % ring.length]);
        twice += a[0] * b[1] - b[0] * a[1];
      });
      const lat = ring[0]?.[1] ?? 0;
      const size = (Math.abs(twice) / 2) * metre * metre * Math.cos((lat * Math.PI) / 180);
      sum += number === 0 ? size : -size;
    });
  }
  return sum;
}

/** What was, so that a hand that slipped is no harm. @template T */
export class History {
  /** @type {T[]} */ #before = [];
  /** @type {T[]} */ #after = [];

  /** @param {number} most steps remembered */
  constructor(most = 200) {
    this.most = most;
  }

  /** Remember a state before it changes. @param {T} state */
  keep(state) {
    this.#before.push(structuredClone(state));
    if (this.#before.length > this.most) this.#before.shift();
    this.#after.length = 0;
  }

  get canUndo() {
    return this.#before.length > 0;
  }

  get canRedo() {
    return this.#after.length > 0;
  }

  /** @param {T} now @returns {T} */
  undo(now) {
    const was = this.#before.pop();
    if (was === undefined) return now;
    this.#after.push(structuredClone(now));
    return was;
  }

  /** @param {T} now @returns {T} */
  redo(now) {
    const next = this.#after.pop();
    if (next === undefined) return now;
    this.#before.push(structuredClone(now));
    return next;
  }
}
