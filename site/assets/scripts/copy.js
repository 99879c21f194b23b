// Buttons that copy: a formula as TeX, a source as BibTeX.
(function () {
  "use strict";

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch (error) {
      // Pages that no secure connection has brought may not write to the clipboard; the old way still may.
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "lb-keywords";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      return done;
    }
  }

  function add(place, words, label, text) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "lb-copy";
    button.textContent = words;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", async function () {
      const done = await copy(text());
      button.textContent = done ? "copied" : "not allowed";
      setTimeout(() => (button.textContent = words), 1500);
    });
    place.append(button);
  }

  for (const formula of document.querySelectorAll(".lb-formula, .lb-prediction")) {
    const notes = Array.from(formula.querySelectorAll("[data-tex]"));
    if (notes.length) {
      add(formula, "TeX", "Copy as TeX", () => notes.map((note) => note.dataset.tex).join(", "));
    }
  }
  for (const source of document.querySelectorAll(".lb-bibtex")) {
    const block = source.querySelector("pre");
    if (block) add(source, "copy", "Copy the BibTeX", () => block.textContent);
  }

  // What an address names is unfolded, in browsers too that do not do so themselves.
  function unfold() {
    const folded = document.querySelector(":target")?.closest("details");
    if (folded) folded.open = true;
  }
  unfold();
  addEventListener("hashchange", unfold);
})();
