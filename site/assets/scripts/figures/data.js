// The numbers behind the drawings, and how they leave the page. A check's curves lie in a file of their own, which is
// loaded when somebody first asks for them: as a script, for a page that was opened from a file may fetch nothing.
var lawbookFigures = (function () {
  "use strict";
  const asked = new Map();

  window.lawbookCurves = function (packed) {
    document.currentScript.lawbookData = unpacked(packed);
  };

  // JSON, deflated and in base64. A row of numbers that stands more than once is told by its place among those that do.
  async function unpacked(packed) {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const data = await new Response(inflated).json();
    for (const panel of Object.values(data.arms).flat()) {
      for (const line of panel.lines || []) {
        for (const row of ["x", "y", "low", "high"]) {
          if (typeof line[row] === "number") line[row] = data.shared[line[row]];
        }
      }
    }
    return data;
  }

  function load(address) {
    if (!asked.has(address)) {
      asked.set(address, new Promise(function (resolve, reject) {
        const script = document.createElement("script");
        script.src = address;
        function fail() {
          asked.delete(address);
          reject(new Error("the data of this figure cannot be read"));
        }
        script.onload = function () {
          Promise.resolve(script.lawbookData).then(resolve, fail);
          script.remove();
        };
        script.onerror = fail;
        document.head.append(script);
      }));
    }
    return asked.get(address);
  }

  function arms(data) {
    const names = Object.keys(data.arms).filter((name) => name !== "");
    return ("" in data.arms ? ["", ...names] : names).map((name) => [name, data.arms[name]]);
  }

  function isDrawn(control, shape) {
    return !control || (shape.role || "measured") === "measured";
  }

  // What the drawing of a panel shows, each line as {control, number, label, role, x, y, low, high}.
  function lines(data, title) {
    const found = [];
    for (const [control, panels] of arms(data)) {
      let number = 0;
      for (const panel of panels.filter((panel) => (panel.title || "") === title)) {
        for (const line of (panel.lines || []).filter((line) => isDrawn(control, line))) {
          found.push({ role: "measured", ...line, control: control, number: number++ });
        }
      }
    }
    return found;
  }

  function maps(data, title) {
    const found = [];
    for (const [control, panels] of arms(data)) {
      for (const panel of panels.filter((panel) => (panel.title || "") === title)) {
        for (const map of panel.maps || []) found.push({ role: "measured", ...map, control: control });
      }
    }
    return found;
  }

  function* curveRows(data, title) {
    yield ["control", "panel", "curve", "role", "x", "y", "low", "high"];
    for (const line of lines(data, title)) {
      for (let i = 0; i < line.x.length; i++) {
        const band = [line.low ? line.low[i] : null, line.high ? line.high[i] : null];
        yield [line.control, title, line.label, line.role, line.x[i], line.y[i], ...band];
      }
    }
  }

  function* cellRows(data, title) {
    yield ["control", "panel", "map", "role", "x", "y", "z"];
    for (const map of maps(data, title)) {
      for (let i = 0; i < map.y.length; i++) {
        for (let j = 0; j < map.x.length; j++) {
          yield [map.control, title, map.label, map.role, map.x[j], map.y[i], map.z[i][j]];
        }
      }
    }
  }

  // The numbers that a drawing of no curves holds itself: those of a check's strip, or of its runs over time.
  function* tableRows(held) {
    if (held.runs) {
      yield ["started", "outcome", "estimate", "low", "high", "accepted low", "accepted high", "seeds", "seed base"];
      yield* held.runs;
      return;
    }
    yield ["row", "what", "value"];
    for (const [row, estimate, low, high, ...seeds] of held.rows) {
      yield* [[row, "estimate", estimate], [row, "low", low], [row, "high", high]];
      for (const value of seeds) yield [row, "seed", value];
    }
    yield* [["accepted", "low", held.accepted[0]], ["accepted", "high", held.accepted[1]]];
    for (const [name, value] of held.rivals) yield [`rival: ${name}`, "predicts", value];
  }

  // A word that no spreadsheet takes for a formula, quoted where a table needs it.
  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const word = /^[=+\-@\t\r]/.test(value) ? "'" + value : String(value);
    return /[",\n\r]/.test(word) ? '"' + word.replaceAll('"', '""') + '"' : word;
  }

  function csv(rows) {
    return Array.from(rows, (row) => row.map(cell).join(",") + "\n").join("");
  }

  const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity",
    "stroke-linejoin", "font-family", "font-size", "font-weight", "paint-order", "image-rendering"];

  // The drawing as it looks now, whole in one file: what the style sheet says stands in it.
  function picture(drawing) {
    const copy = drawing.cloneNode(true);
    const originals = drawing.querySelectorAll("*");
    const copies = copy.querySelectorAll("*");
    originals.forEach(function (original, place) {
      const style = getComputedStyle(original);
      if (style.display === "none" || original.closest(".reader")) {
        copies[place].setAttribute("data-gone", "");
        return;
      }
      for (const name of STYLES) copies[place].style.setProperty(name, style.getPropertyValue(name));
    });
    copy.querySelectorAll("[data-gone]").forEach((part) => part.remove());
    for (const name of ["tabindex", "data-table"]) copy.removeAttribute(name);
    const [, , width, height] = drawing.getAttribute("viewBox").split(" ");
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.style.background = getComputedStyle(document.body).backgroundColor;
    copy.style.fontFamily = getComputedStyle(drawing).fontFamily;
    const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
    name.textContent = drawing.getAttribute("aria-label");
    copy.prepend(name);
    return new XMLSerializer().serializeToString(copy);
  }

  function save(name, type, content) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], { type: type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  return { load, lines, maps, curveRows, cellRows, tableRows, csv, picture, save };
})();
