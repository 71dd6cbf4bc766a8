/** Where the phone is at this moment, once, because the person asked. Never watched. */

/** Milliseconds to wait for a fix. */
const PATIENCE = 15_000;

/** @typedef {{lon: number, lat: number, metres: number}} Spot WGS 84, rounded to about a metre */

/** @returns {Promise<Spot | undefined>} undefined when the phone cannot or may not say */
export function here() {
  return new Promise((done) => {
    if (!("geolocation" in navigator)) {
      done(undefined);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({
        lon: Number(coords.longitude.toFixed(5)),
        lat: Number(coords.latitude.toFixed(5)),
        metres: Math.round(coords.accuracy),
      }),
      () => done(undefined),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 30_000 },
    );
  });
}
