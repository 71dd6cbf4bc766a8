/**
 * <plan-map code="community" [shows="after"] [editable]>: micro-grids coloured by how even their work
 * is, and stairwells as points in the colour of the micro-grid they belong to; those that change have a
 * ring. What is drawn stands in a <script data-plan> inside it. Buttons [data-plan-shows] switch between
 * today's division and the proposed one.
 *
 * With `editable`, a click on a stairwell chooses it in the form #move, a click on a micro-grid chooses
 * where it goes, and a stairwell that is dragged into another micro-grid sends the form. The form does
 * the same without a map.
 */
import { fit, namesOf, nothing, openMap, ready, setData } from "./base.js";
import { getCollection } from "./area-map.js";

/** @typedef {import("./base.js").Collection} Collection */
/** @typedef {[[import("./base.js").Colour, string], number]} Balance */
/** @typedef {{ code: string, name: string, before: Balance, after: Balance }} Grid */
/** @typedef {{ id: string, name: string, lon: number, lat: number, before: string, after: string }} Unit */
/** @typedef {{ grids: Grid[], units: Unit[] }} Plan */
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
    map.on("click", "areas-fill", (event) => {
      const grid = String(event.features?.[0]?.properties?.["code"] ?? "");
      for (const row of document.querySelectorAll("tr[data-grid]")) {
        row.classList.toggle("chosen", row.getAttribute("data-grid") === grid);
      }
      const at = choice("grid");
      if (at && map.queryRenderedFeatures(event.point, { layers: ["points"] }).length === 0) at.value = grid;
    });
    map.on("click", "points", (event) => {
      const id = String(event.features?.[0]?.properties?.["id"] ?? "");
      const unit = plan.units.find((one) => one.id === id);
      if (!unit) return;
      setData(map, "place", { type: "FeatureCollection", features: [point(unit.lon, unit.lat)] });
      const which = choice("unit");
      if (which) {
        which.value = id;
        choice("grid")?.focus({ preventScroll: true });
      }
    });
    if (this.hasAttribute("editable")) this.#drag(map);
    this.toggleAttribute("ready", true);
  }

  /** A stairwell that is dragged into another micro-grid. @param {import("maplibre-gl").Map} map */
  #drag(map) {
    map.on("mousedown", "points", (event) => {
      const id = String(event.features?.[0]?.properties?.["id"] ?? "");
      const from = event.point;
      event.preventDefault();
      /** @param {import("maplibre-gl").MapMouseEvent} moved */
      const along = (moved) => {
        setData(map, "place", { type: "FeatureCollection", features: [point(moved.lngLat.lng, moved.lngLat.lat)] });
      };
      map.on("mousemove", along);
      map.once("mouseup", (end) => {
        map.off("mousemove", along);
        const [which, where] = [choice("unit"), choice("grid")];
        const grid = map.queryRenderedFeatures(end.point, { layers: ["areas-fill"] })[0]?.properties["code"];
        if (Math.hypot(end.point.x - from.x, end.point.y - from.y) < 12 || !which || !where || !grid) {
          setData(map, "place", nothing());
          return;
        }
        which.value = id;
        where.value = String(grid);
        which.form?.requestSubmit();
      });
    });
  }
}

/** @param {number} lon @param {number} lat @returns {import("./base.js").Feature} */
function point(lon, lat) {
  return { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } };
}

customElements.define("plan-map", PlanMap);
