/**
 * A sentence with its values filled in, as `translate` of the server does: `{n}` is the value, and
 * `{n:is|are}` the word for one, else that for any other number. What has no value stays as it is.
 * @param {string} sentence
 * @param {Record<string, string | number>} values
 */
export function filled(sentence, values) {
  return sentence.replace(/\{(\w+)(?::([^{}|]*)\|([^{}]*))?\}/g, (whole, name, one, many) => {
    const value = values[name];
    if (value === undefined) return whole;
    if (many === undefined) return String(value);
    return String(value) === "1" ? one : many;
  });
}
