/**
 * <plan-map code="community" [shows="after"] [editable]>: micro-grids coloured by how even their work
 * is, and stairwells as points in the colour of the micro-grid they belong to; those that change have a
 * ring. What is drawn stands in a <script data-plan> inside it. Buttons [data-plan-shows] switch between
 * today's division and the proposed one.
 *
 * With `editable`, a click on a stairwell chooses it in the form #move, a click on a micro-grid chooses
 * where it goes, and a stairwell that is dragged (by mouse or finger) into another micro-grid sends the
 * form. Whatever is chosen, [data-plan-says] in the form says at once what it would do to both. The form
 * does the same without a map.
 */
import { fit, namesOf, nothing, openMap, ready, setData } from "./base.js";
import { getCollection } from "./area-map.js";
import { weighed } from "./plan-weighing.js";

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
      const name = `${grid.name} ${ratio.toFixed(2)}`;
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
  async connectedCallback() {
    const told = this.querySelector("script[data-plan]")?.textContent;
    if (!told) return;
    /** @type {Plan} */
    const plan = JSON.parse(told);
    const map = openMap(this, { label: this.getAttribute("label") ?? "" });
    const code = this.getAttribute("code") ?? "";
    const areas = await getCollection(`/api/v1/areas.geojson?prefix=${code}&kinds=micro_grid`);
    await ready(map);
    /** @param {Shows} shows */
    const show = (shows) => {
      const drawn = balanced(areas, plan, shows);
      setData(map, "areas", drawn);
      setData(map, "names", namesOf(drawn));
      setData(map, "points", stairwells(plan, shows));
      this.setAttribute("shows", shows);
    };
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
    const say = () => {
      const [id, to] = [choice("unit")?.value ?? "", choice("grid")?.value ?? ""];
      if (says) says.textContent = weighed(plan, id, to, says.getAttribute("data-plan-says") ?? "");
    };
    map.on("click", "areas-fill", (event) => {
      const grid = String(event.features?.[0]?.properties?.["code"] ?? "");
      for (const row of document.querySelectorAll("tr[data-grid]")) {
        row.classList.toggle("chosen", row.getAttribute("data-grid") === grid);
      }
      const at = choice("grid");
      if (at && map.queryRenderedFeatures(event.point, { layers: ["points"] }).length === 0) {
        at.value = grid;
        say();
      }
    });
    map.on("click", "points", (event) => {
      const id = String(event.features?.[0]?.properties?.["id"] ?? "");
      const unit = plan.units.find((one) => one.id === id);
      if (!unit) return;
      setData(map, "place", { type: "FeatureCollection", features: [point(unit.lon, unit.lat)] });
      const which = choice("unit");
      if (which) {
        which.value = id;
        say();
        choice("grid")?.focus({ preventScroll: true });
      }
    });
    for (const one of [choice("unit"), choice("grid")]) one?.addEventListener("change", say);
    if (this.hasAttribute("editable")) this.#drag(map, say);
    this.toggleAttribute("ready", true);
  }

  /**
   * A stairwell that is dragged into another micro-grid; what that would do is said on the way.
   * @param {import("maplibre-gl").Map} map @param {() => void} say
   */
  #drag(map, say) {
    /** @param {import("maplibre-gl").Point} at */
    const gridAt = (at) => map.queryRenderedFeatures(at, { layers: ["areas-fill"] })[0]?.properties["code"];
    /** @param {string} move @param {string} end @returns {(event: import("maplibre-gl").MapLayerMouseEvent | import("maplibre-gl").MapLayerTouchEvent) => void} */
    const begin = (move, end) => (event) => {
      const id = String(event.features?.[0]?.properties?.["id"] ?? "");
      const from = event.point;
      const [which, where] = [choice("unit"), choice("grid")];
      event.preventDefault();
      /** @param {any} moved */
      const along = (moved) => {
        setData(map, "place", { type: "FeatureCollection", features: [point(moved.lngLat.lng, moved.lngLat.lat)] });
        const grid = gridAt(moved.point);
        if (!which || !where || !grid || Math.hypot(moved.point.x - from.x, moved.point.y - from.y) < 12) return;
        which.value = id;
        where.value = String(grid);
        say();
      };
      // The two kinds of events have no type in common.
      const heard = /** @type {any} */ (map);
      heard.on(move, along);
      heard.once(end, (/** @type {any} */ last) => {
        heard.off(move, along);
        const grid = gridAt(last.point);
        if (Math.hypot(last.point.x - from.x, last.point.y - from.y) < 12 || !which || !where || !grid) {
          setData(map, "place", nothing());
          return;
        }
        which.value = id;
        where.value = String(grid);
        which.form?.requestSubmit();
      });
    };
    map.on("mousedown", "points", begin("mousemove", "mouseup"));
    map.on("touchstart", "points", (event) => {
      if (event.points.length === 1) begin("touchmove", "touchend")(event);
    });
  }
}

/** @param {number} lon @param {number} lat @returns {import("./base.js").Feature} */
function point(lon, lat) {
  return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } };
}

customElements.define("plan-map", PlanMap);
