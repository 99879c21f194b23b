// The numbers behind the drawings, and how they leave the page. A check's lie in a file of their own, which is loaded
// when somebody first asks for them: as a script, for a page that was opened from a file may fetch nothing.
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
    const shared = (data.shared ?? []).map(numbers);
    for (const panel of Object.values(data.arms ?? {}).flat()) {
      for (const line of panel.lines || []) {
        for (const row of ["x", "y", "low", "high"]) {
          if (row in line) line[row] = typeof line[row] === "number" ? shared[line[row]] : numbers(line[row]);
        }
      }
      for (const map of panel.maps || []) {
        Object.assign(map, { x: numbers(map.x), y: numbers(map.y), z: map.z.map(numbers) });
      }
    }
    return data;
  }

  // The numbers of a row: told as they are, or, after a list of how, as differences between whole numbers of a unit,
  // or between places among the numbers of so many digits. A text of digits is read as the nearest number there is.
  function numbers(row) {
    if (!Array.isArray(row[0])) return row;
    const [[order, exponent, digits], ...steps] = row;
    const sums = Array(order).fill(0);
    const first = 10 ** (digits - 1);
    return steps.map(function (step) {
      if (step === null) return null;
      let whole = step;
      for (let i = 0; i < order; i++) whole = sums[i] += whole;
      if (!digits || whole === 0) return Number(`${whole}e${exponent}`);
      const place = Math.abs(whole) - 1;
      const decades = Math.floor(place / (9 * first));
      const size = first + place - 9 * first * decades;
      return Number(`${whole < 0 ? "-" : ""}${size}e${exponent + decades}`);
    });
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

  function* runRows(data) {
    yield ["started", "outcome", "estimate", "low", "high", "accepted low", "accepted high", "seeds", "seed base"];
    yield* data.runs;
  }

  function* verdictRows({ verdict }) {
    yield ["row", "what", "value"];
    for (const [row, estimate, low, high, seeds] of verdict.rows) {
      yield* [[row, "estimate", estimate], [row, "low", low], [row, "high", high]];
      for (const value of numbers(seeds)) yield [row, "seed", value];
    }
    yield* [["accepted", "low", verdict.accepted[0]], ["accepted", "high", verdict.accepted[1]]];
    for (const [name, value] of verdict.rivals) yield [`rival: ${name}`, "predicts", value];
  }

  // A word that no spreadsheet takes for a formula, quoted where a table needs it; what is infinite stays a number.
  function cell(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const word = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) && value !== "-Infinity" ? "'" + value : String(value);
    return /[",\n\r]/.test(word) ? '"' + word.replaceAll('"', '""') + '"' : word;
  }

  function csv(rows) {
    return Array.from(rows, (row) => row.map(cell).join(",") + "\n").join("");
  }

  const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "opacity",
    "stroke-linejoin", "text-anchor", "font-family", "font-size", "font-weight", "paint-order", "image-rendering"];

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
    copy.removeAttribute("tabindex");
    const [, , width, height] = drawing.getAttribute("viewBox").split(" ");
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.style.background = getComputedStyle(document.body).backgroundColor;
    copy.style.fontFamily = getComputedStyle(drawing).fontFamily;
    const name = document.createElementNS("http://www.w3.org/2000/svg", "title");
    const caption = drawing.parentElement.querySelector("figcaption")?.textContent;
    name.textContent = (caption ? caption + ". " : "") + drawing.getAttribute("aria-label");
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

  return { load, numbers, lines, maps, curveRows, cellRows, runRows, verdictRows, csv, picture, save };
})();
