/** Photos to go with a deed: taken by the camera, shown small, taken away by one tap. */

import { html, nothing } from "lit";

import { PHOTOS_MAX, photoOf } from "../photos.js";
import { t } from "../words.js";
import { View, icon } from "./view.js";

/** @import {Photo} from "../types.js" */

export class WgPhotos extends View {
  static properties = { photos: { attribute: false } };

  /** @type {Map<Blob, string>} */ #urls = new Map();

  constructor() {
    super();
    /** @type {Photo[]} */
    this.photos = [];
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
  }

  render() {
    return html`<div class="photos">
      ${this.photos.map((photo, at) => html`<figure>
        ${photo.blob ? html`<img src=${this.#url(photo.blob)} alt=${t("照片 {n}", { n: at + 1 })}>`
          : html`<span class="sealed" role="img" aria-label=${t("照片 {n}(已加密)", { n: at + 1 })}>${icon("lock")}</span>`}
        <button type="button" aria-label=${t("删除照片 {n}", { n: at + 1 })} @click=${() => this.#set(this.photos.filter((one) => one !== photo))}>${icon("close")}</button>
      </figure>`)}
      ${this.photos.length < PHOTOS_MAX ? html`<label class="button take">
        ${icon("camera")}<span>${this.photos.length ? t("再拍一张") : t("拍照(可不拍)")}</span>
        <input type="file" accept="image/*" capture="environment" class="away" @change=${this.#taken}>
      </label>` : nothing}
    </div>`;
  }

  /** @param {Blob} blob */
  #url(blob) {
    const url = this.#urls.get(blob) ?? URL.createObjectURL(blob);
    this.#urls.set(blob, url);
    return url;
  }

  /** @param {Event} event */
  async #taken(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    try {
      this.#set([...this.photos, await photoOf(file)]);
    } catch {
      this.app.say(t("这张照片打不开,请重新拍。"));
    }
  }

  /** @param {Photo[]} photos */
  #set(photos) {
    this.photos = photos;
    this.dispatchEvent(new CustomEvent("photos", { detail: photos }));
  }
}

customElements.define("wg-photos", WgPhotos);
