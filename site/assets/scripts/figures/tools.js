// Gives every figure its tools: values under pointer and keys, other axes, seeds and controls, SVG and CSV.
// All of them only add to a drawing that is whole without them.
(function () {
  "use strict";
  const { load, lines, maps, curveRows, cellRows, runRows, verdictRows, csv, picture, save } = lawbookFigures;
  const { axes, withKinds, redraw } = lawbookFigures.draw;

  function button(words, title, pressed, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = words;
    made.title = title;
    if (pressed !== null) made.setAttribute("aria-pressed", String(pressed));
    made.addEventListener("click", () => act(made));
    return made;
  }

  function toggled(made) {
    const now = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(now));
    return now;
  }

  function slug(...words) {
    return words.join(" ").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 80) || "figure";
  }

  // The title of a figure's panel, which stands above its drawings.
  function panelOf(figure) {
    return figure.querySelector("figcaption")?.textContent ?? "";
  }

  function nameOf(frame, drawing) {
    const id = location.pathname.split("/").pop().replace(/\.html$/, "");
    const words = panelOf(drawing.parentElement) || drawing.getAttribute("aria-label").split(/[:.,] /)[0];
    return slug(id, frame.dataset.curves.split("/").pop().replace(".curves.js", ""), words);
  }

  // Hides or shows what a class names, by a class of the drawing's own.
  function layer(tools, drawing, words, title, selector, hides) {
    if (!drawing.querySelector(selector)) return;
    tools.append(button(words, title, true, (made) => drawing.classList.toggle(hides, !toggled(made))));
  }

  function outputs(tools, frame, drawing, rows) {
    tools.append(button("SVG", "Save the drawing", null, function () {
      save(nameOf(frame, drawing) + ".svg", "image/svg+xml", picture(drawing));
    }));
    tools.append(button("CSV", "Save the numbers", null, async function (made) {
      try {
        save(nameOf(frame, drawing) + ".csv", "text/csv", csv(await rows()));
      } catch (error) {
        made.textContent = "CSV: " + error.message;
      }
    }));
  }

  function logs(tools, state, ready) {
    for (const axis of ["x", "y"]) {
      const words = `log ${axis}`;
      tools.append(button(words, "Logarithmic or linear", state.kinds[axis] === "log", async function (made) {
        await ready();
        const kinds = { ...state.kinds, [axis]: state.kinds[axis] === "log" ? "linear" : "log" };
        const scales = withKinds(state.drawing, state.lines, kinds);
        if (!scales) return;
        toggled(made);
        Object.assign(state, { kinds, scales });
        redraw(state.drawing, state.lines, scales);
        state.reader?.tell();
      }));
    }
  }

  function plotTools(figure, frame, drawing) {
    const tools = bar();
    const told = document.createElement("p");
    told.className = "lb-readout";
    told.setAttribute("role", "status");
    const drawn = axes(drawing);
    const state = { drawing, lines: [], scales: drawn, kinds: { x: drawn.x.kind, y: drawn.y.kind }, told };
    const data = () => load(frame.dataset.curves);
    let loading = null;

    function ready() {
      loading ??= data().then(function (found) {
        state.lines = lines(found, panelOf(figure)).filter((line) => lawbookFigures.draw.part(drawing, line));
        state.reader = lawbookFigures.read.reader(state);
        return state.reader;
      });
      return loading;
    }

    logs(tools, state, ready);
    layer(tools, drawing, "spread", "The bands over seeds", "g[data-line] .band", "lb-without-bands");
    layer(tools, drawing, "controls", "The lines of the controls", "g.control[data-line]", "lb-without-controls");
    outputs(tools, frame, drawing, async () => curveRows(await data(), panelOf(figure)));
    drawing.setAttribute("tabindex", "0");
    drawing.setAttribute("role", "application");
    drawing.setAttribute("aria-roledescription", "chart, arrow keys read its values");
    drawing.addEventListener("focus", async () => (await ready()).start());
    drawing.addEventListener("blur", () => state.reader?.stop());
    drawing.addEventListener("keydown", (event) => state.reader?.pressed(event));
    drawing.addEventListener("pointermove", async (event) => (await ready()).pointed(event));
    drawing.addEventListener("pointerleave", () => state.reader?.stop());
    figure.append(told, tools);
  }

  function mapTools(figure, frame, drawing) {
    const tools = bar();
    const told = document.createElement("p");
    told.className = "lb-readout";
    told.setAttribute("role", "status");
    const data = () => load(frame.dataset.curves);
    const [left, top, right, bottom] = drawing.dataset.area.split(" ").map(Number);
    let cell = null;

    async function tell(column, row) {
      const found = maps(await data(), panelOf(figure)).find(
        (map) => map.control === drawing.dataset.control && map.label === drawing.dataset.map);
      if (!found) return;
      cell = [Math.min(Math.max(column, 0), found.x.length - 1), Math.min(Math.max(row, 0), found.y.length - 1)];
      const { number } = lawbookFigures.scales;
      const [x, y, z] = [found.x[cell[0]], found.y[cell[1]], found.z[cell[1]][cell[0]]];
      told.textContent = `${number(x, 4)}, ${number(y, 4)}: ${number(z, 4)}`;
      cell.size = [found.x.length, found.y.length];
    }

    outputs(tools, frame, drawing, async () => cellRows(await data(), panelOf(figure)));
    drawing.setAttribute("tabindex", "0");
    drawing.setAttribute("role", "application");
    drawing.setAttribute("aria-roledescription", "map, arrow keys read its values");
    drawing.addEventListener("focus", () => tell(...(cell || [0, 0])));
    drawing.addEventListener("keydown", function (event) {
      const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step || !cell) return;
      event.preventDefault();
      event.stopPropagation();
      tell(cell[0] + step[0], cell[1] + step[1]);
    });
    drawing.addEventListener("pointermove", async function (event) {
      const matrix = drawing.getScreenCTM();
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
      if (at.x < left || at.x > right || at.y < top || at.y > bottom) return;
      if (!cell) await tell(0, 0);
      const share = [(at.x - left) / (right - left), (bottom - at.y) / (bottom - top)];
      if (cell) tell(...share.map((part, axis) => Math.floor(part * cell.size[axis])));
    });
    figure.append(told, tools);
  }

  function stripTools(figure, frame, drawing) {
    const tools = bar();
    layer(tools, drawing, "seeds", "A dot for every seed", ".seed", "lb-without-seeds");
    layer(tools, drawing, "controls", "The rows of the controls", ".row.control", "lb-without-controls");
    outputs(tools, frame, drawing, async () => verdictRows(await load(frame.dataset.curves)));
    figure.append(tools);
  }

  function courseTools(figure, frame, drawing) {
    const tools = bar();
    outputs(tools, frame, drawing, async () => runRows(await load(frame.dataset.curves)));
    figure.append(tools);
  }

  function bar() {
    const made = document.createElement("div");
    made.className = "lb-tools";
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", "Tools of the figure");
    return made;
  }

  // What is shown a second time becomes a drawing of its own, with its own axes.
  for (const use of document.querySelectorAll(".lb-figure > svg > use")) {
    const shown = document.querySelector(use.getAttribute("href"));
    const copy = shown.cloneNode(true);
    for (const part of [copy, ...copy.querySelectorAll("[id]")]) part.removeAttribute("id");
    Object.assign(use.ownerSVGElement.dataset, shown.ownerSVGElement.dataset);
    use.replaceWith(copy);
  }

  const KINDS = [
    ["svg[data-x]", plotTools], ["svg[data-map]", mapTools], [".lb-strip", stripTools], [".lb-course", courseTools],
  ];
  for (const figure of document.querySelectorAll(".lb-figure")) {
    const frame = figure.closest("[data-curves]");
    for (const [selector, equip] of KINDS) {
      const drawing = figure.querySelector(`:scope > ${selector}`);
      if (drawing && frame) equip(figure, frame, drawing);
    }
  }
})();
