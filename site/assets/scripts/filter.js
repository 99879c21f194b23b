// Filters and sorts the table of laws by words and facts, counts what each choice would leave, and keeps the choice in
// the address, behind its #, so that a filtered book can be linked. The page is complete without it.
(function () {
  "use strict";
  const form = document.querySelector(".lb-filter");
  if (!form) return;
  const told = form.querySelector(".lb-filter-count");
  const words = form.elements.words;
  const sort = form.elements.sort;
  const selects = [...form.querySelectorAll("select")].filter((select) => select !== sort);
  const buttons = [...document.querySelectorAll("[data-filter-status]")];
  const WORST_FIRST = ["error", "void", "fail", "inconclusive", "unverified", "pass"];
  const tiles = [];
  for (const column of document.querySelectorAll(".lb-column")) {
    const strand = column.className.match(/lb-strand-([\w-]+)/)[1];
    for (const [place, element] of [...column.querySelectorAll(".lb-tile")].entries()) {
      // By their places among the choices, for a thousand tiles say the same few words.
      const held = element.dataset.facts.split(";").map((own) => own.split(",").filter(Boolean));
      const named = (select, places) => places.map((place) => select.options[place].value);
      const facts = Object.fromEntries(
        selects.map((select, index) => [select.name, index ? named(select, held[index - 1]) : [strand]]));
      const said = [element.dataset.words, element.getAttribute("href"), element.textContent].join(" ").toLowerCase();
      tiles.push({element, place, facts, said, parent: element.parentNode, at: element.dataset.at});
    }
  }

  function fits(tile, choice, but) {
    return choice.words.every((word) => tile.said.includes(word)) &&
      selects.every(({name}) => name === but || !choice[name] || tile.facts[name].includes(choice[name]));
  }

  function chosen() {
    const choice = Object.fromEntries(selects.map((select) => [select.name, select.value]));
    choice.words = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    return choice;
  }

  // How many each choice of one kind would leave, the other kinds as they are chosen.
  function count(choice) {
    for (const select of selects) {
      const open = tiles.filter((tile) => fits(tile, choice, select.name));
      for (const option of select.options) {
        if (!option.value) continue;
        const left = open.filter((tile) => tile.facts[select.name].includes(option.value)).length;
        option.textContent = option.value.replaceAll("-", " ") + " (" + left + ")";
      }
    }
  }

  function order() {
    const by = {
      "": () => 0,
      status: (one, other) =>
        WORST_FIRST.indexOf(one.facts.status[0]) - WORST_FIRST.indexOf(other.facts.status[0]),
      newest: (one, other) => (one.at < other.at) - (one.at > other.at),
    }[sort.value];
    const sorted = [...tiles].sort((one, other) => by(one, other) || one.place - other.place);
    for (const tile of sorted) tile.parent.append(tile.element);
  }

  function apply() {
    const choice = chosen();
    let shown = 0;
    for (const tile of tiles) {
      tile.element.hidden = !fits(tile, choice, "");
      shown += !tile.element.hidden;
    }
    count(choice);
    told.textContent = shown === tiles.length ? "" : shown + " of " + tiles.length;
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.filterStatus === choice.status));
    }
  }

  function write() {
    const kept = [...new FormData(form)].filter(([, value]) => value);
    const address = new URL(location.href);
    address.hash = new URLSearchParams(kept).toString();
    history.replaceState(history.state, "", address);
  }

  function read() {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const element of [words, sort, ...selects]) {
      element.value = kept.get(element.name) || "";
      // A word that this book does not have chooses nothing.
      if (element.selectedIndex === -1) element.value = "";
    }
    order();
    apply();
  }

  for (const button of buttons) {
    button.addEventListener("click", function () {
      const status = form.elements.status;
      const wanted = button.dataset.filterStatus;
      status.value = status.value === wanted ? "" : wanted;
      if (status.selectedIndex === -1) status.value = "";
      apply();
      write();
    });
  }
  form.addEventListener("input", function () { order(); apply(); write(); });
  form.addEventListener("reset", () => setTimeout(function () { order(); apply(); write(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", read);
  form.hidden = false;
  if (location.hash.includes("=")) read();
})();
