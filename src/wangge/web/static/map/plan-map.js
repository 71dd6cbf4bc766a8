/**
 * <plan-map code="community" [shows="after"] [editable]>: micro-grids coloured by how even their work
 * is, and stairwells as points in the colour of the micro-grid they belong to; those that change have a
 * ring. What is drawn stands in a <script data-plan> inside it. Buttons [data-plan-shows] switch between
 * today's division and the proposed one.
 *
 * With `editable`, a click on a stairwell (or near it, by finger) chooses it in the form #move, a click on
 * a micro-grid chooses where it goes, and a stairwell that is dragged into another micro-grid sends the form;
 * by finger the one that is chosen may be taken beside its point. Whatever is chosen, [data-plan-says] in the form says at once what it would do to both, and so
 * does the map, beside which the form may be out of sight. The form does the same without a map.
 *
 * Checkboxes [name=steps] are the plan's steps: the map and #plan show what comes of those that are ticked.
 */
import { fit, namesOf, nothing, openMap, ready, setData } from "./base.js";
import { getCollection } from "./area-map.js";
import { taken, weighed } from "./plan-weighing.js";

/** @typedef {import("./base.js").Collection} Collection */
/** @typedef {import("./plan-weighing.js").Plan} Plan */
/** @typedef {"before" | "after"} Shows */

/** Areas of the plan with their balance. @param {Collection} areas @param {Plan} plan @param {Shows} shows @returns {Collection} */
export function balanced(areas, plan, shows) {
  const by = new Map(plan.grids.map((grid) => [grid.code, grid]));
  return {
    type: "FeatureCollection",
    features: areas.features.flatMap((feature) => {
      const grid = by.get(String(feature.properties["code"]));
      if (!grid) return [];
      const [[colour, mark], ratio] = grid[shows];
      const name = `${grid.label}\n${ratio.toFixed(2)}`;
      return [{ ...feature, properties: { ...feature.properties, name, colour, mark } }];
    }),
  };
}

/** Stairwells in the colour of where they belong. @param {Plan} plan @param {Shows} shows @returns {Collection} */
export function stairwells(plan, shows) {
  const colours = new Map(plan.grids.map((grid) => [grid.code, grid[shows][0][0]]));
  return {
    type: "FeatureCollection",
    features: plan.units.map((unit) => ({
      type: /** @type {const} */ ("Feature"),
      properties: {
        id: unit.id,
        name: unit.name,
        colour: colours.get(unit[shows]) ?? "yellow",
        overdue: unit.before !== unit.after,
        urgent: unit.before !== unit.after,
      },
      geometry: { type: "Point", coordinates: [unit.lon, unit.lat] },
    })),
  };
}

/** @param {string} name @returns {HTMLSelectElement | null} */
function choice(name) {
  const found = document.querySelector(`#move select[name="${name}"]`);
  return found instanceof HTMLSelectElement ? found : null;
}

export class PlanMap extends HTMLElement {
  /** @type {import("maplibre-gl").Map | null} */
  #map = null;

  async connectedCallback() {
    const told = this.querySelector("script[data-plan]")?.textContent;
    if (!told) return;
    /** @type {Plan} */
    const plan = JSON.parse(told);
    const map = (this.#map = openMap(this, { label: this.getAttribute("label") ?? "" }));
    const code = this.getAttribute("code") ?? "";
    const areas = await getCollection(`/api/v1/areas.geojson?prefix=${code}&kinds=micro_grid`);
    await ready(map);
    // Stairwells stand close together: from afar they are dots that leave the words over them readable.
    for (const [layer, far, close] of /** @type {[string, number, number][]} */ ([["points-halo", 2.5, 7.5], ["points", 1.8, 5.5]])) {
      map.setPaintProperty(layer, "circle-radius", ["interpolate", ["linear"], ["zoom"], 15, far, 17.5, close]);
    }
    let shown = plan;
    /** @param {Shows} shows */
    const show = (shows) => {
      const drawn = balanced(areas, shown, shows);
      setData(map, "areas", drawn);
      setData(map, "names", namesOf(drawn));
      setData(map, "points", stairwells(shown, shows));
      this.setAttribute("shows", shows);
    };
    const boxes = [...document.querySelectorAll("input[name=steps]")].filter((box) => box instanceof HTMLInputElement);
    const tick = () => {
      const part = taken(plan, new Set(boxes.flatMap((box) => (box.checked ? [box.value] : []))));
      shown = part.plan;
      counted(plan, part);
      show(this.getAttribute("shows") === "after" ? "after" : "before");
    };
    for (const box of boxes) box.addEventListener("change", tick);
    if (boxes.some((box) => !box.checked)) tick();
    show(this.getAttribute("shows") === "after" ? "after" : "before");
    const whole = stairwells(plan, "before");
    fit(map, { type: "FeatureCollection", features: [...balanced(areas, plan, "before").features, ...whole.features] });
    for (const button of document.querySelectorAll("[data-plan-shows]")) {
      button.addEventListener("click", () => {
        const shows = button.getAttribute("data-plan-shows") === "before" ? "before" : "after";
        show(shows);
        for (const other of document.querySelectorAll("[data-plan-shows]")) {
          const on = other === button;
          other.classList.toggle("active", on);
          other.setAttribute("aria-pressed", String(on));
        }
      });
    }
    const says = document.querySelector("[data-plan-says]");
    // Over the map too; whoever hears the page read out hears it once.
    const over = document.createElement("p");
    over.className = "plan-over";
    over.setAttribute("aria-hidden", "true");
    over.hidden = true;
    this.append(over);
    const say = () => {
      const [id, to] = [choice("unit")?.value ?? "", choice("grid")?.value ?? ""];
      const words = weighed(plan, id, to, says?.getAttribute("data-plan-says") ?? "");
      if (says) says.textContent = words;
      over.textContent = words;
      over.hidden = !words;
    };
    /** @type {Choosing} */
    const choosing = { map, plan, say, unit: null };
    map.on("click", (event) => {
      const grid = gridAt(map, event.point);
      // With a stairwell chosen, another micro-grid is where it may go. A finger hits no point exactly, so
      // that it means the micro-grid, and one of its stairwells only when it comes again.
      const goes = choosing.unit !== null && grid !== "" && grid !== choosing.unit.after;
      const means = goes && thick() && choice("grid")?.value !== grid;
      const exact = means ? null : near(map, plan.units, event.point, HIT);
      const unit = exact ?? (goes ? null : near(map, plan.units, event.point, reach()));
      if (unit) choose(choosing, unit);
      else if (grid) into(choosing, grid);
    });
    for (const one of [choice("unit"), choice("grid")]) one?.addEventListener("change", say);
    if (this.hasAttribute("editable")) draggable(choosing);
    this.toggleAttribute("ready", true);
  }

  /** Where on the page a place is, for tests and for whoever points at it. @param {[number, number]} place */
  pixelOf(place) {
    const at = this.#map?.project(place);
    const box = this.getBoundingClientRect();
    return { x: box.left + (at?.x ?? 0), y: box.top + (at?.y ?? 0) };
  }
}

/** What comes of the steps that are ticked, in the figures of the page. @param {Plan} plan @param {ReturnType<typeof taken>} part */
function counted(plan, part) {
  /** @type {Record<string, string>} */
  const figures = {
    units: String(part.units),
    heads: String(part.heads),
    part: ((100 * part.heads) / (plan.households || 1)).toFixed(1),
    most: part.most.toFixed(2),
    least: part.least.toFixed(2),
  };
  for (const [name, figure] of Object.entries(figures)) {
    const at = document.querySelector(`#plan [data-plan-${name}]`);
    if (at) at.textContent = figure;
  }
  const headline = document.querySelector("[data-plan-some]");
  if (!(headline instanceof HTMLElement)) return;
  headline.dataset["whole"] ??= headline.textContent ?? "";
  headline.dataset["fair"] ??= String(headline.classList.contains("plan-fair"));
  const all = part.steps === plan.steps.length;
  const words = (headline.dataset["planSome"] ?? "").replace("{n}", String(part.steps)).replace("{most}", figures["most"] ?? "");
  headline.textContent = all ? headline.dataset["whole"] : words;
  headline.classList.toggle("plan-fair", all ? headline.dataset["fair"] === "true" : part.fair);
}

/** @typedef {{ map: import("maplibre-gl").Map, plan: Plan, say: () => void, unit: import("./plan-weighing.js").Unit | null }} Choosing */
/** @typedef {import("maplibre-gl").Point} At */

/** Pixels about a stairwell that are still it; about the one that is chosen; that a drag is long at least. */
const [HIT, HELD, FAR] = [8, 28, 12];

/** Whether it is a finger that points. */
function thick() {
  return matchMedia("(pointer: coarse)").matches;
}

/** How near to a stairwell a tap means it. */
function reach() {
  return thick() ? 22 : HIT;
}

/** @param {import("maplibre-gl").Map} map @param {At} at @returns {string} the micro-grid there */
function gridAt(map, at) {
  return String(map.queryRenderedFeatures(at, { layers: ["areas-fill"] })[0]?.properties["code"] ?? "");
}

/**
 * The stairwell nearest to a place on the screen.
 * @param {import("maplibre-gl").Map} map @param {Plan["units"]} units @param {At} at @param {number} within pixels
 */
function near(map, units, at, within) {
  let [found, least] = [/** @type {Choosing["unit"]} */ (null), within];
  for (const unit of units) {
    const there = map.project([unit.lon, unit.lat]);
    const far = Math.hypot(there.x - at.x, there.y - at.y);
    if (far <= least) [found, least] = [unit, far];
  }
  return found;
}

/** @param {Choosing} choosing @param {NonNullable<Choosing["unit"]>} unit */
function choose(choosing, unit) {
  choosing.unit = unit;
  setData(choosing.map, "place", placed(unit.lon, unit.lat));
  const which = choice("unit");
  if (which) {
    which.value = unit.id;
    choosing.say();
    choice("grid")?.focus({ preventScroll: true });
  }
}

/** @param {Choosing} choosing @param {string} grid */
function into(choosing, grid) {
  for (const row of document.querySelectorAll("tr[data-grid]")) {
    row.classList.toggle("chosen", row.getAttribute("data-grid") === grid);
  }
  const where = choice("grid");
  if (where) {
    where.value = grid;
    choosing.say();
  }
}

/** A stairwell that is dragged into another micro-grid; what that would do is said on the way. @param {Choosing} choosing */
function draggable(choosing) {
  const { map, plan, say } = choosing;
  // The two kinds of events have no type in common.
  const heard = /** @type {any} */ (map);
  /** @param {any} event @param {string} move @param {string[]} ends */
  const begin = (event, move, ends) => {
    const held = choosing.unit && near(map, [choosing.unit], event.point, HELD);
    const unit = near(map, plan.units, event.point, HIT) ?? held;
    const [which, where] = [choice("unit"), choice("grid")];
    if (!unit || !which || !where) return;
    const from = event.point;
    event.preventDefault();
    /** @param {any} at @returns {string} where it would go; "" when it stays */
    const to = (at) => {
      if (Math.hypot(at.point.x - from.x, at.point.y - from.y) < FAR) return "";
      const grid = gridAt(map, at.point);
      return grid === unit.after ? "" : grid;
    };
    const over = () => {
      heard.off(move, along);
      for (const end of ends) heard.off(end, last);
    };
    const put = () => setData(map, "place", choosing.unit ? placed(choosing.unit.lon, choosing.unit.lat) : nothing());
    /** @param {any} moved */
    const along = (moved) => {
      // A button let go outside of the map, or a second finger: it is no drag any more.
      if (moved.originalEvent.buttons === 0 || moved.points?.length > 1) {
        over();
        put();
        return;
      }
      setData(map, "place", placed(moved.lngLat.lng, moved.lngLat.lat));
      const grid = to(moved);
      which.value = unit.id;
      where.value = grid || unit.after;
      say();
    };
    /** @param {any} ended */
    const last = (ended) => {
      over();
      const grid = ended.type === "touchcancel" ? "" : to(ended);
      if (!grid) {
        put();
        return;
      }
      which.value = unit.id;
      where.value = grid;
      which.form?.requestSubmit();
    };
    heard.on(move, along);
    for (const end of ends) heard.on(end, last);
  };
  map.on("mousedown", (event) => begin(event, "mousemove", ["mouseup"]));
  map.on("touchstart", (event) => {
    if (event.points.length === 1) begin(event, "touchmove", ["touchend", "touchcancel"]);
  });
}

/** One place alone, as a layer holds it. @param {number} lon @param {number} lat @returns {ReturnType<typeof nothing>} */
function placed(lon, lat) {
  return { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } }] };
}

customElements.define("plan-map", PlanMap);
