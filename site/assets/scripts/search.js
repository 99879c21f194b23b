// Finds claims, problems, pages and sources by their words, formulas and people, in search/index.js; pages read from
// files have it too. A reader's words are folded as lawbook.publishing.search_words folds those of the index.
(function () {
  "use strict";
  const box = document.querySelector(".lb-search");
  if (!box) return;
  const root = new URL("../..", document.currentScript.src);
  box.innerHTML = `<input id="lb-search-words" class="lb-search-words" type="search" role="combobox" aria-expanded="false"
    aria-controls="lb-search-list" aria-autocomplete="list" autocomplete="off" autocapitalize="off" spellcheck="false"
    aria-label="Search the book" placeholder="Search: 2/η, NTK, Cohen 2021 …"><div class="lb-search-found" hidden><p
    class="lb-search-told" role="status" aria-live="polite"></p><ul id="lb-search-list" role="listbox"
    aria-label="What was found"></ul></div>`;
  const input = box.querySelector("input");
  const found = box.querySelector(".lb-search-found");
  const told = box.querySelector(".lb-search-told");
  const list = box.querySelector("ul");
  const MOST = 12;
  const GREEK = ("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma " +
    "tau upsilon phi chi psi omega").split(" ");
  const SIGNS = {"∇": "nabla", "∂": "partial", "∞": "infty", "√": "sqrt", "×": "times", "→": " to ", "≈": " approx ",
    "≤": " le ", "≥": " ge ", "∑": "sum", "∏": "prod", "∫": "int", "ℓ": "ell", "ø": "o", "ł": "l", "ß": "ss",
    "⁄": "/", "∕": "/", "÷": "/"};
  // What a word is worth that stands whole in a title, another name, a formula, an origin's authors, and so on.
  const WORTH = {h: 12, a: 9, f: 8, o: 10, p: 4, g: 4, w: 2};
  const KINDS = {claim: 3, problem: 2, page: 2, part: 1, source: 0};
  let entries = null;
  let vocabulary = [];
  let chosen = -1;

  function fold(text) {
    let spelled = "";
    for (const sign of text.normalize("NFKD").toLowerCase().replace(/['’]/g, "")) {
      if (/\p{Mn}/u.test(sign)) continue;
      spelled += GREEK[sign.codePointAt(0) - 0x3b1] || SIGNS[sign] || sign;
    }
    return (spelled.match(/[a-z0-9]+|\//g) || []).join(" ");
  }

  window.lawbookSearch = function (lines) {
    entries = lines;
    const words = new Map();
    for (const entry of entries) {
      for (const field of Object.keys(WORTH)) {
        entry[field] = " " + (entry[field] || "") + " ";
        for (const word of entry[field].split(" ")) {
          if (word.length > 3) words.set(word, (words.get(word) || 0) + WORTH[field]);
        }
      }
    }
    vocabulary = [...words];
    show();
  };

  function load() {
    if (load.begun) return;
    load.begun = true;
    const script = document.createElement("script");
    script.src = new URL("search/index.js", root);
    script.addEventListener("error", () => say("The index of the search is missing."));
    document.head.append(script);
  }

  // One letter more, less, other, or two that changed places; two such slips in a long word.
  function distance(one, other, most) {
    if (Math.abs(one.length - other.length) > most) return most + 1;
    let older = [];
    let before = Array.from({length: other.length + 1}, (_, place) => place);
    for (let i = 1; i <= one.length; i++) {
      const row = [i];
      for (let j = 1; j <= other.length; j++) {
        const same = one[i - 1] === other[j - 1] ? 0 : 1;
        row[j] = Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + same);
        if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
          row[j] = Math.min(row[j], older[j - 2] + 1);
        }
      }
      if (Math.min(...row) > most) return most + 1;
      older = before;
      before = row;
    }
    return before[other.length];
  }

  function nearest(word) {
    const most = word.length > 7 ? 2 : 1;
    let best = null;
    if (word.length < 4) return null;
    for (const [known, worth] of vocabulary) {
      const far = distance(word, known, most);
      if (far <= most && (!best || far < best.far || (far === best.far && worth > best.worth))) {
        best = {far, worth, known};
      }
    }
    return best && best.known;
  }

  // The worth of a word for an entry: whole words count more than beginnings, and these need three letters.
  function worth(entry, word) {
    let best = 0;
    for (const [field, value] of Object.entries(WORTH)) {
      if (entry[field].includes(" " + word + " ")) best = Math.max(best, value);
      else if (word.length > 2 && entry[field].includes(" " + word)) best = Math.max(best, value * 0.5);
    }
    return best;
  }

  function score(entry, words, phrase) {
    let sum = 0;
    for (const word of words) {
      const own = worth(entry, word);
      if (!own) return 0;
      sum += own;
    }
    if (entry.h === phrase) sum += 60;
    for (const name of entry.a.split(";")) if (name.trim() === phrase.trim()) sum += 50;
    for (const [field, value] of Object.entries(WORTH)) {
      if (words.length > 1 && entry[field].includes(phrase)) sum += 2 * value;
    }
    // Of two titles that hold the words, the one that says little else is meant.
    if (entry.h.includes(phrase)) sum += 12 * phrase.length / entry.h.length;
    // Of equals, the one that the others lean on.
    return sum + Math.log2(1 + (entry.r || 0)) + (KINDS[entry.k] || 0);
  }

  function search(text) {
    const words = fold(text).split(" ").filter(Boolean);
    const seek = (wanted) => entries
      .map((entry) => [score(entry, wanted, " " + wanted.join(" ") + " "), entry])
      .filter(([own]) => own > 0)
      .sort((one, other) => other[0] - one[0] || (one[1].t < other[1].t ? -1 : 1))
      .map(([, entry]) => entry);
    const hits = seek(words);
    if (hits.length || !words.length) return {hits, instead: ""};
    const known = (word) => entries.some((entry) => worth(entry, word));
    const mended = words.map((word) => (known(word) ? word : nearest(word)));
    const kept = mended.filter(Boolean);
    return {hits: kept.length ? seek(kept) : [], instead: kept.join(" ")};
  }

  function say(words) {
    told.textContent = words;
    open(true);
  }

  function open(state) {
    found.hidden = !state;
    input.setAttribute("aria-expanded", String(state));
    if (!state) choose(-1);
  }

  function choose(index) {
    const options = list.children;
    chosen = options.length ? Math.max(-1, Math.min(index, options.length - 1)) : -1;
    for (const [place, option] of [...options].entries()) {
      option.setAttribute("aria-selected", String(place === chosen));
    }
    if (chosen < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({block: "nearest"});
  }

  function item(entry, place) {
    const option = document.createElement("li");
    option.id = "lb-search-" + place;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    const link = document.createElement("a");
    link.href = new URL(entry.u, root);
    link.tabIndex = -1;
    const note = document.createElement("span");
    link.textContent = entry.t;
    note.textContent = entry.n || "";
    link.append(note);
    option.append(link);
    return option;
  }

  function show() {
    const text = input.value.trim();
    list.textContent = "";
    if (!text) return open(false);
    if (!entries) return say("Reading the index …");
    const {hits, instead} = search(text);
    list.append(...hits.slice(0, MOST).map(item));
    const count = hits.length === 1 ? "1 found" : hits.length + " found";
    const more = hits.length > MOST ? ", the first " + MOST + " shown" : "";
    if (!hits.length) say("Nothing holds “" + text + "”, nor anything close to it.");
    else say(instead ? "Nothing holds “" + text + "”; this is for “" + instead + "”." : count + more + ".");
    choose(-1);
  }

  input.addEventListener("focus", load);
  input.addEventListener("input", () => { load(); show(); });
  input.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
      event.preventDefault();
    } else if (event.key === "Enter") {
      const option = list.children[Math.max(chosen, 0)];
      if (option) option.firstChild.click();
      event.preventDefault();
    } else if (event.key === "Escape") {
      open(false);
    }
  });
  box.addEventListener("focusout", (event) => { if (!box.contains(event.relatedTarget)) setTimeout(open, 150, false); });
  box.addEventListener("focusin", () => { if (input.value.trim()) show(); });
  document.addEventListener("keydown", function (event) {
    const at = event.target;
    const types = at.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(at.tagName);
    if (types || event.ctrlKey || event.metaKey || event.altKey || !["/", "s"].includes(event.key)) return;
    input.focus();
    event.preventDefault();
  });
  box.hidden = false;
})();
