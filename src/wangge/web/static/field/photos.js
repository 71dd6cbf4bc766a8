/**
 * Photos: made smaller on the phone before they are kept. Drawing them anew also leaves behind
 * what a camera writes into a picture (place, device); the server cleans them once more.
 *
 * @import {Photo} from "./types.js"
 */

import { newId } from "./ids.js";

/** Pixels of the longer side; a number plate across a street stays readable. */
const SIDE_MAX = 1600;
const QUALITY = 0.8;
/** As many as one deed may carry. */
export const PHOTOS_MAX = 6;

/**
 * @param {Blob} file as the camera gave it
 * @returns {Promise<Photo>}
 * @throws {DOMException} when it is not a picture
 */
export async function photoOf(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (!pen) throw new DOMException("no canvas", "NotSupportedError");
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await /** @type {Promise<Blob | null>} */ (
    new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY))
  );
  if (!blob) throw new DOMException("no picture", "EncodingError");
  return { id: newId(), blob, sent: false };
}
