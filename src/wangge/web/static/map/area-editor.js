/**
 * <area-editor src="…areas of the same kind" code="…" for="textarea id" [others="hidden input id"]
 * [mode="area" | "line"] [tile-url]>: a boundary drawn and mended with the mouse, a finger or the
 * keyboard. What is drawn stands as GeoJSON in the text field beside it, and what is typed there is
 * drawn; without a map the text alone will do.
 *
 * Corners snap to the neighbours', and a corner two areas share moves in both: no sliver arises. The
 * handles are drawn over the map, not by it, so that each can be focused, moved by the arrow keys and
 * removed by Delete.
 */
import { wordsOf } from "../desk/dom.js";
import { getCollection } from "./area-map.js";
import {
  History, along, crossing, geometryOf, has, inserted, middlesOf, moved, pointsOf, removed, same,
  shapeOf, sideAt, snapped, squareMetres,
} from "./editing.js";
import { fit, namesOf, nothing, openMap, ready, setData } from "./base.js";

/** @typedef {import("./editing.js").Point} Point */
/** @typedef {import("./editing.js").Shape} Shape */
/** @typedef {{ own: Shape, others: Record<string, Shape>, drawing: Point[] | null }} State */

/** Pixels within which a corner snaps, and handles drawn at once. */
const REACH = 14;
const HANDLES = 400;
const SVG = "http://www.w3.org/2000/svg";

export class AreaEditor extends HTMLElement {
  /** @type {import("maplibre-gl").Map | undefined} */ #map;
  /** @type {SVGSVGElement | undefined} */ #svg;
  /** @type {History<State>} */ #history = new History();
  /** @type {State} */ #state = { own: [], others: {}, drawing: null };
  /** @type {Record<string, Shape>} */ #first = {};
  /** @type {AbortController | undefined} */ #gone;
  #snap = true;
  #shared = true;

  get #line() {
    return this.getAttribute("mode") === "line";
  }

  /** @returns {HTMLTextAreaElement | null} */
  get #text() {
    return /** @type {HTMLTextAreaElement | null} */ (document.getElementById(this.getAttribute("for") ?? ""));
  }

  async connectedCallback() {
    this.#gone = new AbortController();
    const ground = this.querySelector(".editor-ground");
    if (!(ground instanceof HTMLElement)) return;
    const say = wordsOf(this);
    const code = this.getAttribute("code") ?? "";
    const map = openMap(ground, { tileUrl: this.getAttribute("tile-url"), label: say("map") });
    this.#map = map;
    map.doubleClickZoom.disable();
    const [areas] = await Promise.all([getCollection(this.getAttribute("src") ?? ""), ready(map)]);
    const points = this.querySelector("script[data-points]")?.textContent;
    setData(map, "points", points ? JSON.parse(points) : nothing());
    const around = areas.features.filter((feature) => this.#line || feature.properties["code"] !== code);
    setData(map, "areas", { type: "FeatureCollection", features: around });
    setData(map, "names", namesOf({ type: "FeatureCollection", features: around }));
    for (const feature of around) {
      const shape = shapeOf(/** @type {any} */ (feature.geometry));
      this.#state.others[String(feature.properties["code"])] = shape;
    }
    this.#first = structuredClone(this.#state.others);
    this.#read();
    const own = geometryOf(this.#state.own);
    const seen = own
      ? [{ type: /** @type {const} */ ("Feature"), properties: {}, geometry: own }]
      : areas.features;
    fit(map, { type: "FeatureCollection", features: seen }, 60);
    this.#overlay(ground);
    this.#listen(map, this.#gone.signal);
    this.#draw();
    this.toggleAttribute("ready", true);
  }

  disconnectedCallback() {
    this.#gone?.abort();
    this.#map?.remove();
  }

  /** Where on the page a place is, for tests and for whoever points at it. @param {Point} point */
  pixelOf(point) {
    const box = this.#svg?.getBoundingClientRect();
    const [x, y] = this.#project(point);
    return { x: x + (box?.left ?? 0), y: y + (box?.top ?? 0) };
  }

  // -- the text field ------------------------------------------------------------------------

  /** Draw what the text field says; what it cannot mean is left to the server to explain. */
  #read() {
    const text = this.#text?.value.trim() ?? "";
    try {
      const typed = text ? JSON.parse(text) : null;
      const geometry = typed?.type === "Feature" ? typed.geometry : typed;
      if (this.#line) {
        this.#state.drawing = geometry?.type === "LineString" ? geometry.coordinates : null;
        return;
      }
      if (!geometry || geometry.type === "Polygon" || geometry.type === "MultiPolygon") {
        this.#state.own = shapeOf(geometry);
      }
    } catch {
      // Half typed.
    }
  }

  #write() {
    const text = this.#text;
    if (!text) return;
    if (this.#line) {
      const line = this.#state.drawing;
      text.value = line && line.length > 1 ? JSON.stringify({ type: "LineString", coordinates: line }) : "";
    } else {
      const geometry = geometryOf(this.#state.own);
      text.value = geometry ? JSON.stringify(geometry) : "";
    }
    const others = document.getElementById(this.getAttribute("others") ?? "");
    if (others instanceof HTMLInputElement) {
      const changed = Object.entries(this.#state.others).filter(
        ([code, shape]) => JSON.stringify(shape) !== JSON.stringify(this.#first[code]),
      );
      others.value = changed.length
        ? JSON.stringify(Object.fromEntries(changed.map(([code, shape]) => [code, geometryOf(shape)])))
        : "";
    }
  }

  // -- changing ------------------------------------------------------------------------------

  /** @param {(state: State) => State} change */
  #change(change) {
    this.#history.keep(this.#state);
    this.#state = change(this.#state);
    this.#write();
    this.#draw();
  }

  /** The same change to this area and, where corners are shared, to its neighbours.
   * @param {State} state @param {(shape: Shape) => Shape} change @returns {State} */
  #both(state, change) {
    return {
      ...state,
      own: change(state.own),
      others: this.#shared
        ? Object.fromEntries(Object.entries(state.others).map(([code, shape]) => [code, change(shape)]))
        : state.others,
    };
  }

  /** @param {Point} point @param {State} [state] @param {Point} [but] a corner that is being moved does not hold itself */
  #snapped(point, state = this.#state, but) {
    const without = (/** @type {Shape} */ shape) =>
      but ? shape.map((rings) => rings.map((ring) => ring.filter((one) => !same(one, but)))) : shape;
    const others = this.#snap ? Object.values(state.others).map(without) : [];
    return snapped(point, others, this.#project, REACH).point;
  }

  /** @type {(point: Point) => Point} */
  #project = (point) => {
    const at = this.#map?.project(point);
    return at ? [at.x, at.y] : [0, 0];
  };

  /** @param {MouseEvent} event @returns {Point} */
  #placeOf(event) {
    const box = /** @type {SVGSVGElement} */ (this.#svg).getBoundingClientRect();
    const at = /** @type {import("maplibre-gl").Map} */ (this.#map).unproject([
      event.clientX - box.left, event.clientY - box.top,
    ]);
    return [at.lng, at.lat];
  }

  /** Another corner of the boundary or line that is being drawn. @param {Point} point */
  #add(point) {
    const drawing = this.#state.drawing ?? [];
    const first = drawing[0];
    if (!this.#line && first && drawing.length > 2) {
      const [ax, ay] = this.#project(first);
      const [bx, by] = this.#project(point);
      if (Math.hypot(ax - bx, ay - by) < REACH) {
        this.#finish();
        return;
      }
    }
    const corner = this.#snapped(point);
    const last = drawing[drawing.length - 1];
    if (last && same(last, corner)) return;
    const passed = last && this.#snap && !this.#line ? along(Object.values(this.#state.others), last, corner) : [];
    this.#change((state) => ({ ...state, drawing: [...(state.drawing ?? []), ...passed, corner] }));
  }

  /** The boundary is whole; a line stays what it is. */
  #finish() {
    const drawing = this.#state.drawing;
    if (!drawing || this.#line) return;
    const [first, last] = [drawing[0], drawing[drawing.length - 1]];
    const passed = first && last && this.#snap ? along(Object.values(this.#state.others), last, first) : [];
    const ring = [...drawing, ...passed];
    if (ring.length < 3) return;
    this.#change((state) => ({ ...state, own: [[ring]], drawing: null }));
  }

  // -- listening -----------------------------------------------------------------------------

  /** @param {import("maplibre-gl").Map} map @param {AbortSignal} signal */
  #listen(map, signal) {
    map.on("move", () => this.#draw());
    map.on("resize", () => this.#draw());
    map.on("click", (event) => {
      if (this.#state.drawing || this.#line) this.#add(this.#placeOf(event.originalEvent));
    });
    map.on("dblclick", () => this.#finish());
    this.#text?.addEventListener("input", () => {
      this.#history.keep(this.#state);
      this.#state = { ...this.#state };
      this.#read();
      this.#draw();
    }, { signal });
    this.addEventListener("click", (event) => {
      const at = event.target instanceof Element ? event.target.closest("button[data-do]") : null;
      if (at) this.#button(at.getAttribute("data-do") ?? "");
    }, { signal });
    this.addEventListener("change", (event) => {
      if (!(event.target instanceof HTMLInputElement)) return;
      if (event.target.name === "snap") this.#snap = event.target.checked;
      if (event.target.name === "shared") this.#shared = event.target.checked;
    }, { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  /** @param {string} what */
  #button(what) {
    if (what === "draw") {
      this.#change((state) => ({ ...state, drawing: [] }));
    } else if (what === "finish") {
      this.#finish();
    } else if (what === "undo") {
      this.#state = this.#history.undo(this.#state);
      this.#write();
      this.#draw();
    } else if (what === "redo") {
      this.#state = this.#history.redo(this.#state);
      this.#write();
      this.#draw();
    } else if (what === "clear") {
      this.#change((state) => ({ ...state, drawing: this.#line ? null : state.drawing, own: this.#line ? state.own : [] }));
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      this.#button(event.shiftKey ? "redo" : "undo");
    } else if (event.key === "Enter" && this.#state.drawing && !this.#line) {
      this.#finish();
    } else if (event.key === "Escape" && this.#state.drawing) {
      this.#change((state) => ({ ...state, drawing: null }));
    } else {
      return;
    }
    event.preventDefault();
  }

  // -- the picture ---------------------------------------------------------------------------

  /** @param {HTMLElement} ground */
  #overlay(ground) {
    const svg = document.createElementNS(SVG, "svg");
    svg.classList.add("editor-overlay");
    ground.append(svg);
    this.#svg = svg;
  }

  #draw() {
    const svg = this.#svg;
    if (!svg) return;
    const held = document.activeElement instanceof SVGElement ? document.activeElement.getAttribute("data-point") : null;
    svg.replaceChildren();
    for (const [code, shape] of Object.entries(this.#state.others)) {
      if (JSON.stringify(shape) !== JSON.stringify(this.#first[code])) {
        svg.append(this.#path(shape, "editor-neighbour"));
      }
    }
    const wrong = crossing(this.#state.own);
    svg.append(this.#path(this.#state.own, wrong ? "editor-own editor-wrong" : "editor-own"));
    if (this.#state.drawing) svg.append(this.#open(this.#state.drawing));
    const box = svg.getBoundingClientRect();
    const visible = (/** @type {{ point: Point }} */ { point }) => {
      const [x, y] = this.#project(point);
      return x >= -20 && y >= -20 && x <= box.width + 20 && y <= box.height + 20;
    };
    const corners = this.#line
      ? (this.#state.drawing ?? []).map((point) => ({ point, place: null }))
      : pointsOf(this.#state.own).filter(visible);
    const crowded = corners.length > HANDLES;
    if (!crowded) {
      if (!this.#line && !this.#state.drawing) {
        for (const { point, place } of middlesOf(this.#state.own).filter(visible)) {
          svg.append(this.#middle(point, place));
        }
      }
      for (const { point } of corners) svg.append(this.#corner(point));
    }
    if (held) svg.querySelector(`[data-point="${CSS.escape(held)}"]`)?.dispatchEvent(new CustomEvent("held"));
    this.#tell(wrong, crowded);
  }

  /** @param {Point | null} wrong @param {boolean} crowded */
  #tell(wrong, crowded) {
    const say = wordsOf(this);
    const status = this.querySelector("[data-status]");
    const points = pointsOf(this.#state.own).length;
    const size = squareMetres(this.#state.own);
    const area = size > 1e6 ? `${(size / 1e6).toFixed(2)} km²` : `${Math.round(size)} m²`;
    if (status) {
      status.textContent = crowded
        ? say("crowded")
        : wrong
          ? say("crossing")
          : this.#state.drawing
            ? say("drawing", { points: this.#state.drawing.length })
            : points
              ? say("drawn", { points, area })
              : say("empty");
    }
    for (const button of this.querySelectorAll("button[data-do]")) {
      if (!(button instanceof HTMLButtonElement)) continue;
      const what = button.dataset["do"];
      if (what === "undo") button.disabled = !this.#history.canUndo;
      if (what === "redo") button.disabled = !this.#history.canRedo;
      if (what === "finish") button.hidden = !this.#state.drawing || this.#line;
      if (what === "draw") button.hidden = Boolean(this.#state.drawing) || this.#line;
    }
  }

  /** @param {Shape} shape @param {string} classes */
  #path(shape, classes) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", classes);
    path.setAttribute(
      "d",
      shape.flat().filter((ring) => ring.length).map((ring) => `M${ring.map((point) => this.#project(point).join(" ")).join("L")}Z`).join(""),
    );
    return path;
  }

  /** @param {Point[]} line */
  #open(line) {
    const path = document.createElementNS(SVG, "polyline");
    path.setAttribute("class", "editor-drawing");
    path.setAttribute("points", line.map((point) => this.#project(point).join(",")).join(" "));
    return path;
  }

  /** @param {Point} point @param {string} classes @param {number} radius */
  #circle(point, classes, radius) {
    const circle = document.createElementNS(SVG, "circle");
    const [x, y] = this.#project(point);
    circle.setAttribute("class", classes);
    circle.setAttribute("cx", String(x));
    circle.setAttribute("cy", String(y));
    circle.setAttribute("r", String(radius));
    return circle;
  }

  /** A corner: dragged, moved by arrow keys, removed by Delete or a right click. @param {Point} point */
  #corner(point) {
    const shared = Object.values(this.#state.others).some((shape) => has(shape, point));
    const circle = this.#circle(point, shared ? "editor-corner editor-shared" : "editor-corner", 7);
    circle.setAttribute("data-point", point.join(","));
    circle.setAttribute("tabindex", "0");
    circle.setAttribute("role", "button");
    circle.setAttribute("aria-label", wordsOf(this)("corner", { lon: point[0].toFixed(5), lat: point[1].toFixed(5) }));
    circle.addEventListener("held", () => circle.focus());
    circle.addEventListener("pointerdown", (event) => this.#drag(event, point));
    circle.addEventListener("contextmenu", (event) => {
      event.preventDefault();
      this.#remove(point);
    });
    circle.addEventListener("click", (event) => {
      event.stopPropagation();
      const [first] = this.#state.drawing ?? [];
      if (first && same(first, point)) this.#finish();
    });
    circle.addEventListener("keydown", (event) => this.#nudge(event, point));
    return circle;
  }

  /** The middle of a side: pressed, it becomes a corner and is dragged on.
   * @param {Point} point @param {import("./editing.js").Place} place */
  #middle(point, place) {
    const circle = this.#circle(point, "editor-middle", 5);
    circle.addEventListener("pointerdown", (event) => {
      const side = sideAt(this.#state.own, place);
      if (!side) return;
      /** @type {Point} */
      const made = [Number(point[0].toFixed(7)), Number(point[1].toFixed(7))];
      this.#change((state) => this.#both(state, (shape) => inserted(shape, side.a, side.b, made)));
      this.#drag(event, made, false);
    });
    return circle;
  }

  /** @param {Point} point */
  #remove(point) {
    if (this.#line) {
      this.#change((state) => ({ ...state, drawing: (state.drawing ?? []).filter((one) => !same(one, point)) }));
      return;
    }
    this.#change((state) => this.#both(state, (shape) => removed(shape, point)));
  }

  /** @param {State} state @param {Point} from @param {Point} to @returns {State} */
  #movedTo(state, from, to) {
    if (this.#line) {
      return { ...state, drawing: (state.drawing ?? []).map((one) => (same(one, from) ? to : one)) };
    }
    return this.#both(state, (shape) => moved(shape, from, to));
  }

  /** @param {PointerEvent} event @param {Point} from @param {boolean} [keep] whether this is a step of its own */
  #drag(event, from, keep = true) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    if (keep) this.#history.keep(this.#state);
    const began = this.#state;
    const map = this.#map;
    map?.dragPan.disable();
    /** @param {PointerEvent} moving */
    const move = (moving) => {
      const to = this.#snapped(this.#placeOf(moving), began, from);
      this.#state = this.#movedTo(began, from, to);
      this.#draw();
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      map?.dragPan.enable();
      this.#write();
      this.#draw();
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  }

  /** @param {KeyboardEvent} event @param {Point} point */
  #nudge(event, point) {
    const step = event.shiftKey ? 10 : 1;
    /** @type {Record<string, [number, number]>} */
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const way = ways[event.key];
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#remove(point);
    } else if (way && this.#map) {
      event.preventDefault();
      event.stopPropagation();
      const [x, y] = this.#project(point);
      const at = this.#map.unproject([x + way[0], y + way[1]]);
      /** @type {Point} */
      const to = [Number(at.lng.toFixed(7)), Number(at.lat.toFixed(7))];
      this.#change((state) => this.#movedTo(state, point, to));
      const moved_ = this.#svg?.querySelector(`[data-point="${CSS.escape(to.join(","))}"]`);
      if (moved_ instanceof SVGElement) moved_.focus();
    }
  }
}

customElements.define("area-editor", AreaEditor);
