/**
 * A map without the internet: the district's own boundaries and points over a plain ground. Tiles
 * are drawn only where the district has set an address of its own for them.
 */
import { Map as MapView, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";

/** @typedef {"green" | "blue" | "yellow" | "orange" | "red"} Colour */
/** @typedef {{ code: string, name: string, colour?: Colour, mark?: string, reason?: string, live?: number }} AreaProperties */
/** @typedef {{ type: "Feature", id?: string | number, properties: Record<string, unknown>, geometry: { type: string, coordinates: unknown } }} Feature */
/** @typedef {{ type: "FeatureCollection", features: Feature[] }} Collection */

/** One colour set for day pages and one for the dark wall; text is drawn in `ink`. */
export const PALETTES = {
  light: {
    ground: "#eef1f4", line: "#56657a", ink: "#14202e", halo: "#ffffff",
    green: "#8fcfa5", blue: "#8bb8ec", yellow: "#f3d35a", orange: "#ee9348", red: "#d6404e",
    none: "#dfe5ec",
  },
  dark: {
    ground: "#0b1118", line: "#7d90a8", ink: "#f1f5fa", halo: "#0b1118",
    green: "#1d5c3a", blue: "#1f4f8f", yellow: "#8a6d00", orange: "#b4530a", red: "#b0182b",
    none: "#1a2430",
  },
};

/** Shape and letter beside every colour, for eyes that do not tell them apart. @type {Record<Colour, string>} */
export const MARKS = { green: "●", blue: "◆", yellow: "▲", orange: "■", red: "✖" };

const FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif";

let worker = false;

/** @returns {Collection} */
export function nothing() {
  return { type: "FeatureCollection", features: [] };
}

/** @param {"light" | "dark"} tone @param {string} property */
function colourBy(tone, property) {
  const set = PALETTES[tone];
  return /** @type {any} */ ([
    "match", ["get", property],
    "green", set.green, "blue", set.blue, "yellow", set.yellow, "orange", set.orange,
    "red", set.red, set.none,
  ]);
}

/**
 * @param {HTMLElement} container
 * @param {{ tone?: "light" | "dark", tileUrl?: string | null, still?: boolean, label: string }} options
 *   `still`: a picture to look at, not to drag
 */
export function openMap(container, { tone = "light", tileUrl, still = false, label }) {
  if (!worker) {
    setWorkerUrl(new URL("../lib/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);
    worker = true;
  }
  const set = PALETTES[tone];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new MapView({
    container,
    attributionControl: false,
    localIdeographFontFamily: FONT,
    interactive: !still,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: calm ? 0 : 150,
    center: [120, 30],
    zoom: 9,
    maxZoom: 20,
    style: {
      version: 8,
      sources: {
        ...(tileUrl
          ? { tiles: { type: "raster", tiles: [tileUrl], tileSize: 256, maxzoom: 19 } }
          : {}),
        areas: { type: "geojson", data: /** @type {any} */ (nothing()), promoteId: "code" },
        // Labels have their own points: a label drawn from a polygon repeats on every tile.
        names: { type: "geojson", data: /** @type {any} */ (nothing()), promoteId: "code" },
        points: { type: "geojson", data: /** @type {any} */ (nothing()), promoteId: "id" },
        place: { type: "geojson", data: /** @type {any} */ (nothing()) },
      },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": set.ground } },
        ...(tileUrl
          ? [/** @type {any} */ ({ id: "tiles", type: "raster", source: "tiles",
              paint: { "raster-opacity": tone === "dark" ? 0.5 : 0.85 } })]
          : []),
        { id: "areas-fill", type: "fill", source: "areas",
          paint: { "fill-color": colourBy(tone, "colour"), "fill-opacity": tileUrl ? 0.4 : tone === "dark" ? 0.85 : 0.5 } },
        { id: "areas-line", type: "line", source: "areas",
          paint: { "line-color": set.line,
            "line-width": ["case", ["boolean", ["feature-state", "chosen"], false], 4, 1.2] } },
        { id: "points-halo", type: "circle", source: "points",
          paint: { "circle-radius": ["case", ["boolean", ["get", "urgent"], false], 10, 7.5],
            "circle-color": set.halo } },
        { id: "points", type: "circle", source: "points",
          paint: { "circle-radius": ["case", ["boolean", ["get", "urgent"], false], 8, 5.5],
            "circle-color": colourBy(tone, "colour"), "circle-stroke-color": set.ink,
            "circle-stroke-width": ["case", ["boolean", ["get", "overdue"], false], 2.5, 1] } },
        { id: "place", type: "circle", source: "place",
          paint: { "circle-radius": 9, "circle-color": "#0b5cad", "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 3 } },
        { id: "areas-name", type: "symbol", source: "names",
          layout: { "text-field": ["get", "label"], "text-size": 13, "text-max-width": 7,
            "text-font": ["Local"], "text-padding": 3 },
          paint: { "text-color": set.ink, "text-halo-color": set.halo, "text-halo-width": 1.6 } },
      ],
    },
  });
  if (!still) {
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
    map.keyboard.disableRotation();
    map.touchZoomRotate.disableRotation();
  }
  map.getCanvas().setAttribute("aria-label", label);
  // The container may have been laid out after the map was made.
  new ResizeObserver(() => map.resize()).observe(container);
  return map;
}

/** @param {MapView} map @returns {Promise<void>} when sources may be set */
export function ready(map) {
  return map.isStyleLoaded()
    ? Promise.resolve()
    : new Promise((done) => void map.once("load", () => done()));
}

/** @param {MapView} map @param {"areas" | "names" | "points" | "place"} name @param {Collection} data */
export function setData(map, name, data) {
  const source = map.getSource(name);
  /** @type {import("maplibre-gl").GeoJSONSource} */ (source).setData(/** @type {any} */ (data));
}

/** @param {unknown} coordinates @param {(lon: number, lat: number) => void} visit */
function eachPosition(coordinates, visit) {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number") visit(coordinates[0], coordinates[1]);
  else for (const part of coordinates) eachPosition(part, visit);
}

/** [[west, south], [east, north]], or null for an empty collection. @param {Collection} data */
export function bounds(data) {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const feature of data.features) {
    eachPosition(feature.geometry?.coordinates, (lon, lat) => {
      west = Math.min(west, lon);
      east = Math.max(east, lon);
      south = Math.min(south, lat);
      north = Math.max(north, lat);
    });
  }
  return west === Infinity
    ? null
    : /** @type {[[number, number], [number, number]]} */ ([[west, south], [east, north]]);
}

/** @param {MapView} map @param {Collection} data @param {number} [padding] pixels */
export function fit(map, data, padding = 24) {
  const box = bounds(data);
  if (box) map.fitBounds(box, { padding, animate: false, maxZoom: 17 });
}

/** The middle of a ring by area; good enough for a name. @param {Feature} feature @returns {[number, number] | null} */
export function middle(feature) {
  const { lon, lat } = /** @type {{ lon?: number, lat?: number }} */ (feature.properties);
  if (typeof lon === "number" && typeof lat === "number") return [lon, lat];
  const box = bounds({ type: "FeatureCollection", features: [feature] });
  return box ? [(box[0][0] + box[1][0]) / 2, (box[0][1] + box[1][1]) / 2] : null;
}

/** Points with the words to draw on each area. @param {Collection} areas @returns {Collection} */
export function namesOf(areas) {
  return {
    type: "FeatureCollection",
    features: areas.features.flatMap((feature) => {
      const at = middle(feature);
      const { code, name, mark } = /** @type {AreaProperties} */ (
        /** @type {unknown} */ (feature.properties)
      );
      if (!at) return [];
      return [{
        type: /** @type {const} */ ("Feature"),
        properties: { code, label: mark ? `${mark} ${name}` : name },
        geometry: { type: "Point", coordinates: at },
      }];
    }),
  };
}

/**
 * Whether a point lies in a polygon, by counting crossings of a ray to the east (even-odd rule).
 * @param {Feature} point @param {Feature} area
 */
export function within(point, area) {
  const [x, y] = /** @type {[number, number]} */ (point.geometry.coordinates);
  const rings = /** @type {[number, number][][]} */ (area.geometry.coordinates);
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [ax, ay] = ring[i] ?? [0, 0];
      const [bx, by] = ring[j] ?? [0, 0];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}
