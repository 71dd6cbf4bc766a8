/**
 * <place-picker src="…areas">: a click on the map writes lon and lat into the form's fields of those
 * names, and the area the point lies in into its area list. Everything can also be typed or chosen.
 */
import { fit, namesOf, nothing, openMap, ready, setData } from "./base.js";
import { getCollection } from "./area-map.js";

class PlacePicker extends HTMLElement {
  async connectedCallback() {
    const form = this.closest("form");
    if (!form) return;
    const ground = document.createElement("div");
    ground.className = "place-ground";
    this.append(ground);
    const map = openMap(ground, {
      tileUrl: this.getAttribute("tile-url"),
      label: this.getAttribute("label") ?? "",
    });
    const areas = await getCollection(this.getAttribute("src") ?? "");
    await ready(map);
    setData(map, "areas", areas);
    setData(map, "names", namesOf(areas));
    fit(map, areas);
    /** @param {string} name */
    const field = (name) => {
      const found = form.elements.namedItem(name);
      return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found : null;
    };
    const [lon, lat, area] = [field("lon"), field("lat"), field("area_code")];
    const draw = () => {
      const at = [Number(lon?.value), Number(lat?.value)];
      setData(map, "place", lon?.value && lat?.value
        ? { type: "FeatureCollection", features: [
            { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }] }
        : nothing());
      this.dispatchEvent(new CustomEvent("place", { bubbles: true }));
    };
    draw();
    lon?.addEventListener("change", draw);
    lat?.addEventListener("change", draw);
    map.on("click", (event) => {
      if (lon) lon.value = event.lngLat.lng.toFixed(6);
      if (lat) lat.value = event.lngLat.lat.toFixed(6);
      const inside = map.queryRenderedFeatures(event.point, { layers: ["areas-fill"] })[0];
      const code = String(inside?.properties["code"] ?? "");
      if (area && code) area.value = code;
      draw();
    });
    // A map beneath a heading that opens later must not keep the size it had when hidden.
    area?.addEventListener("change", () => {
      const code = area.value;
      const one = areas.features.filter((feature) => feature.properties["code"] === code);
      if (one.length > 0) fit(map, { type: "FeatureCollection", features: one });
    });
    this.toggleAttribute("ready", true);
  }
}

customElements.define("place-picker", PlacePicker);
