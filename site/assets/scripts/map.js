// Looks at a part of the map: one entry with what it is related to, one relation, one status. The choice stands in the
// address, so that a view can be linked. The map and its table are whole without this.
(function () {
  "use strict";
  const drawing = document.querySelector(".lb-graph-frame svg");
  if (!drawing) return;
  const nodes = Array.from(drawing.querySelectorAll("a"), (part) => ({
    part,
    id: part.querySelector("text").textContent,
    status: Array.from(part.querySelector(".dot").classList).find((name) => name.startsWith("lb-is-")).slice(6),
  }));
  // A group's lines are of one relation; it says of each which boxes it joins.
  const edges = Array.from(drawing.querySelectorAll(".edge")).flatMap(function (group) {
    const type = Array.from(group.classList).find((name) => name.startsWith("lb-rel-")).slice(7);
    const ends = group.dataset.ends.split(" ").map((number) => nodes[number].id);
    return Array.from(group.querySelectorAll("path"), (part, place) => (
      { part, type, source: ends[2 * place], target: ends[2 * place + 1] }));
  });
  const rows = Array.from(document.querySelectorAll(".lb-map-table tbody tr"), (part) => ({
    part,
  }));
  const fields = {
    focus: list(),
    relation: choice(edges.map((edge) => edge.type)),
    status: choice(nodes.map((node) => node.status)),
  };

  function choice(values) {
    const select = document.createElement("select");
    for (const value of ["", ...new Set(values.sort())]) select.append(new Option(value || "any", value));
    return select;
  }

  function list() {
    const input = document.createElement("input");
    const known = document.createElement("datalist");
    known.id = "lb-map-ids";
    for (const node of nodes) known.append(new Option(node.id));
    drawing.parentElement.after(known);
    input.setAttribute("list", known.id);
    input.type = "search";
    input.placeholder = "an entry's id";
    return input;
  }

  function seen(focus, relation, status) {
    const kept = edges.filter((edge) => (!relation || edge.type === relation)
      && (!focus || edge.source === focus || edge.target === focus));
    const ends = new Set(kept.flatMap((edge) => [edge.source, edge.target]).concat(focus || []));
    const shown = new Set(nodes.filter((node) => (!(focus || relation) || ends.has(node.id))
      && (!status || node.status === status || node.id === focus)).map((node) => node.id));
    return { shown, kept: kept.filter((edge) => shown.has(edge.source) && shown.has(edge.target)) };
  }

  function apply() {
    const [focus, relation, status] = Object.values(fields).map((field) => field.value.trim());
    const known = nodes.some((node) => node.id === focus) ? focus : "";
    const { shown, kept } = seen(known, relation, status);
    for (const node of nodes) node.part.classList.toggle("lb-faded", !shown.has(node.id));
    for (const edge of edges) edge.part.classList.toggle("lb-faded", !kept.includes(edge));
    const named = kept.map((edge) => edge.source);
    for (const row of rows) {
      const id = row.part.querySelector("a").textContent;
      row.part.hidden = !(known || relation ? named.includes(id) : shown.has(id));
    }
    const part = `${shown.size} of ${nodes.length} entries, ${kept.length} relations`;
    told.textContent = shown.size === nodes.length ? "" : part;
    const view = new URLSearchParams(Object.entries({ focus: known, relation, status }).filter(([, value]) => value));
    if (String(view) || location.hash.includes("=")) history.replaceState(null, "", view.size ? `#${view}` : "#");
  }

  const bar = document.createElement("div");
  bar.className = "lb-map-tools";
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  for (const [name, field] of Object.entries(fields)) {
    const label = document.createElement("label");
    label.append(name, " ", field);
    bar.append(label);
    field.addEventListener("input", apply);
  }
  bar.append(told);
  drawing.parentElement.before(bar);

  function read() {
    const view = new URLSearchParams(location.hash.slice(1));
    for (const [name, field] of Object.entries(fields)) field.value = view.get(name) || "";
    apply();
  }

  addEventListener("hashchange", read);
  read();
})();
