// What the theme's scripts know of settings that a reader has made; the theme itself would write this into every
// page, where no script may stand. Settings belong to the folder that the site lies in.
var __md_scope = new URL("../../..", document.currentScript.src);

function __md_hash(text) {
  return [...text].reduce((hash, character) => (hash << 5) - hash + character.charCodeAt(0), 0);
}

function __md_get(key, storage = localStorage, scope = __md_scope) {
  return JSON.parse(storage.getItem(scope.pathname + "." + key));
}

function __md_set(key, value, storage = localStorage, scope = __md_scope) {
  try {
    storage.setItem(scope.pathname + "." + key, JSON.stringify(value));
  } catch (error) {
    // A full or forbidden storage forgets; the page works on.
  }
}
