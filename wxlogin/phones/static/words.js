// The page's words, in the language in which the server wrote it.

const WORDS = JSON.parse(document.getElementById("words").textContent);

export const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

/** The words under a name, `{field}` filled in. */
export function say(name, fields = {}) {
  return WORDS[name].replace(/\{(\w+)\}/g, (_, field) => fields[field] ?? "");
}

/** A copy of a template's content. */
export function copy(id) {
  return document.getElementById(id).content.cloneNode(true);
}
