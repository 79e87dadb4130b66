// Graph: names and what joins them on a canvas (force-graph), coloured by community or by how many rows name them.
import { api, fill, h, nothingYet, number, placeButton, problem } from "./lib.js";

const MOVING = 1200; // nodes up to which forces relax the picture; beyond, it stands as the server laid it
const APART = 40; // between two names without relations
const NAMES = 120; // written at most, those with the most relations first
const BRIEF = 280; // characters of a description
const COVERAGE = [
  [0, "no row", "--bad"],
  [1, "1 or 2 rows", "--tuned"],
  [3, "3 rows and more", "--good"],
];
let graph = null,
  root,
  told,
  chosen = null,
  by = "community",
  watcher,
  still = true,
  rest;

export async function show(content, params) {
  try {
    [told] = await Promise.all([api("/api/graph"), library()]);
  } catch (error) {
    content.replaceChildren(h("h1", { class: "tight" }, "Graph"), problem(error));
    return;
  }
  root = {
    canvas: h("div", {
      class: "canvas",
      role: "img",
      "aria-label": `A picture of ${told.nodes.length} names; the list beside it tells the same in words`,
    }),
    detail: h("section", { class: "detail", id: "entity", "aria-label": "The name", tabindex: "-1" }),
    legend: h("ul", { class: "plain legend" }),
    find: h("input", {
      type: "search",
      id: "find",
      list: "names",
      "aria-label": "Find a name",
      placeholder: "Find a name",
      oninput: find,
    }),
    names: h(
      "datalist",
      { id: "names" },
      told.nodes.slice(0, 2000).map((node) => h("option", { value: node.name })),
    ),
    hits: h("ul", { class: "plain hits" }),
    colour: h(
      "select",
      {
        "aria-label": "Colours",
        id: "colour",
        onchange: () => {
          by = root.colour.value;
          paint();
        },
      },
      h("option", { value: "community" }, "Colours: communities"),
      h("option", { value: "coverage" }, "Colours: rows that name it"),
    ),
  };
  content.replaceChildren(
    h("h1", { class: "tight" }, "Graph"),
    h(
      "p",
      { class: "unit" },
      `${number(told.nodes.length)} names, ${number(told.links.length)} relations, ${number(told.communities.length)} communities${told.left_out ? `; ${number(told.left_out)} names with the fewest relations are not drawn` : ""}. Drag, zoom, click a name.`,
    ),
    told.nodes.length
      ? h("div", { class: "graphbar" }, root.find, root.names, root.colour)
      : nothingYet("There is no graph yet.", "ragtuned synthesize"),
    h(
      "div",
      { class: "graphdesk", hidden: !told.nodes.length },
      h("div", {}, root.canvas, root.legend),
      h("div", {}, root.hits, root.detail),
    ),
  );
  if (!told.nodes.length) return;
  root.colour.value = by;
  draw();
  list(told.nodes.slice(0, 12));
  const wanted = params.text("id") || told.nodes.find((node) => node.name === params.text("name"))?.id;
  if (wanted) await choose(wanted);
}

export async function update(params) {
  const wanted = params.text("id") || told?.nodes.find((node) => node.name === params.text("name"))?.id;
  if (wanted) await choose(wanted);
}

export function leave() {
  watcher?.disconnect();
  clearTimeout(rest);
  graph?._destructor?.();
  graph = null;
}

/** The bundled library, loaded once. */
function library() {
  return globalThis.ForceGraph
    ? null
    : new Promise((done, failed) => {
        document.head.append(
          h("script", {
            src: "/vendor/force-graph.min.js",
            onload: done,
            onerror: () => failed(new Error("force-graph.min.js is not there")),
          }),
        );
      });
}

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function colours() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  if (by === "coverage") {
    const steps = COVERAGE.map(([least, , name]) => [least, variable(name)]);
    return (node) => steps.findLast(([least]) => node.rows >= least)[1];
  }
  const hue = new Map(
    told.communities.map((one, n) => [one.id, `hsl(${Math.round(n * 137.5) % 360} 52% ${dark ? 62 : 45}%)`]),
  );
  return (node) => (node.community ? hue.get(node.community) : variable("--base"));
}

function draw() {
  const nodes = told.nodes.map((node) => ({ ...node, home: { x: 1.6 * node.x, y: 1.6 * node.y } }));
  const joined = nodes.filter((node) => node.degree),
    alone = nodes.filter((node) => !node.degree);
  const links = told.links.map(([a, b]) => ({ source: nodes[a].id, target: nodes[b].id }));
  const moves = nodes.length <= MOVING;
  let view = null;
  const seen = (node) =>
    (moves || still) && (!view || (Math.abs(node.x - view.x) < view.width && Math.abs(node.y - view.y) < view.height));
  const ink = variable("--ink"),
    paper = variable("--paper"),
    line = variable("--soft");
  graph = new globalThis.ForceGraph(root.canvas)
    .width(root.canvas.clientWidth)
    .height(root.canvas.clientHeight)
    .nodeLabel(() => "")
    .linkLabel(() => "") // the library would read a label as HTML
    .nodeVal((node) => 1 + Math.sqrt(node.degree))
    .linkColor(() => `color-mix(in srgb, ${line} 30%, transparent)`)
    .linkWidth(0.6)
    .linkHoverPrecision(0)
    .cooldownTicks(moves ? 120 : 0)
    .warmupTicks(0)
    .nodeCanvasObjectMode(() => "after")
    .nodeCanvasObject((node, pen, scale) => {
      if (node.id !== chosen) return;
      pen.beginPath();
      pen.arc(node.x, node.y, radius(node) + 3 / scale, 0, 7);
      pen.lineWidth = 2.5 / scale;
      pen.strokeStyle = ink;
      pen.stroke();
    })
    .onRenderFramePost((pen, scale) => {
      // over all nodes, and none over another: `nodes` begin with those that have the most relations
      const size = Math.max(11 / scale, 2.5);
      const taken = [];
      pen.font = `${size}px system-ui, sans-serif`;
      pen.textAlign = "center";
      pen.lineWidth = size / 4;
      pen.lineJoin = "round";
      pen.strokeStyle = paper;
      pen.fillStyle = ink;
      const first = nodes.find((node) => node.id === chosen);
      for (const node of first ? [first, ...nodes] : nodes) {
        if (taken.length >= NAMES) break;
        if (node !== first && (scale * Math.sqrt(1 + node.degree) < 2.4 || !seen(node))) continue;
        const half = pen.measureText(node.name).width / 2;
        const y = node.y - radius(node) - 3 / scale;
        const box = [node.x - half, y - size, node.x + half, y];
        if (taken.some((o) => box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3])) continue;
        taken.push(box);
        pen.strokeText(node.name, node.x, y);
        pen.fillText(node.name, node.x, y);
      }
    })
    .onNodeClick((node) => choose(node.id))
    .linkVisibility(() => moves || still)
    .onZoom(({ k, x, y }) => {
      // thousands of lines and names are left out while the picture moves
      view = { x, y, width: root.canvas.clientWidth / 2 / k, height: root.canvas.clientHeight / 2 / k };
      still = false;
      clearTimeout(rest);
      rest = setTimeout(() => {
        still = true;
        graph?.linkVisibility(graph.linkVisibility());
      }, 160);
    })
    .graphData({ nodes, links });
  if (moves) {
    graph.d3Force("charge").strength(-60).distanceMax(160);
    graph.d3Force("home", (alpha) => {
      // each community stays about where the server laid it
      for (const node of joined) {
        node.vx += (node.home.x - node.x) * 0.12 * alpha;
        node.vy += (node.home.y - node.y) * 0.12 * alpha;
      }
      below(alone, joined);
    });
  }
  graph.onEngineStop(() => {
    graph?.zoomToFit(250, 30);
    graph?.onEngineStop(() => {});
  });
  root.canvas.dataset.nodes = nodes.length;
  globalThis.ragtunedGraph = graph; // for tests and for the curious
  watcher = new ResizeObserver(() => graph?.width(root.canvas.clientWidth).height(root.canvas.clientHeight));
  watcher.observe(root.canvas);
  paint();
}

/** Names without relations, in rows under the others: nothing holds them, and forces would drive them far out. */
function below(alone, joined) {
  const xs = joined.map((node) => node.x),
    left = Math.min(...xs, 0),
    across = Math.max(1, Math.floor((Math.max(...xs, 0) - left) / APART)),
    under = Math.max(...joined.map((node) => node.y), 0) + APART;
  alone.forEach((node, n) => {
    const inRow = Math.min(across, alone.length - n + (n % across));
    const middle = left + (across * APART) / 2;
    node.x = middle + ((n % across) - (inRow - 1) / 2) * APART;
    node.y = under + (Math.floor(n / across) * APART) / 2;
    node.vx = node.vy = 0;
  });
}

function radius(node) {
  return 4 * Math.sqrt(1 + Math.sqrt(node.degree)); // as the library draws it
}

function paint() {
  const colour = colours();
  graph.nodeColor(colour);
  const entry = (text, fill) => h("li", {}, dot(fill), text);
  fill(
    root.legend,
    ...(by === "coverage"
      ? COVERAGE.map(([, text, name]) => entry(text, variable(name)))
      : told.communities
          .slice(0, 8)
          .map((one) =>
            entry(
              `${one.title || (one.id ? one.id : "without a community")} (${number(one.size)})`,
              colour({ community: one.id }),
            ),
          )),
  );
}

function dot(fill) {
  return h(
    "svg",
    { viewBox: "0 0 10 10", width: "10", height: "10", "aria-hidden": "true" },
    h("circle", { cx: "5", cy: "5", r: "5", fill }),
  );
}

function find() {
  const wanted = root.find.value.toLowerCase().trim();
  const exact = told.nodes.find((node) => node.name.toLowerCase() === wanted);
  list(
    wanted
      ? told.nodes.filter((node) => node.name.toLowerCase().includes(wanted)).slice(0, 12)
      : told.nodes.slice(0, 12),
  );
  if (exact) choose(exact.id, false);
}

/** The beginning of a long description, and the rest of it unfolded. */
function description(text) {
  if (text.length < 2 * BRIEF) return h("p", { dir: "auto" }, text);
  const at = text.lastIndexOf(" ", BRIEF);
  return h(
    "div",
    {},
    h("p", { dir: "auto" }, `${text.slice(0, at)} …`),
    h("details", {}, h("summary", {}, "The whole description"), h("p", { dir: "auto" }, text)),
  );
}

/** Back from one name to all. */
function close() {
  chosen = null;
  root.find.value = "";
  fill(root.detail);
  list(told.nodes.slice(0, 12));
  root.find.focus();
}

function list(nodes) {
  fill(
    root.hits,
    ...nodes.map((node) =>
      h(
        "li",
        {},
        h("button", { class: "link", "data-id": node.id, onclick: () => choose(node.id) }, node.name),
        h("span", { class: "unit" }, ` ${node.type} · ${node.degree} relations · ${node.rows} rows`),
      ),
    ),
  );
}

async function choose(id, focus = true) {
  chosen = id;
  const node = graph.graphData().nodes.find((one) => one.id === id);
  if (node?.x !== undefined) {
    graph.centerAt(node.x, node.y, 350);
    if (graph.zoom() < 2.2) graph.zoom(2.6, 350);
  }
  let one;
  try {
    one = await api(`/api/graph/entity?id=${encodeURIComponent(id)}`);
  } catch (error) {
    fill(root.detail, problem(error));
    return;
  }
  if (!root.find.value || focus) fill(root.hits);
  const part = (title, count, shown, items) =>
    items.length
      ? h(
          "details",
          { open: title !== "Pages" },
          h("summary", {}, `${title} (${number(count)})${count > shown ? `, the first ${shown}` : ""}`),
          h("ul", {}, items),
        )
      : null;
  fill(
    root.detail,
    ...[
      h("header", {}, h("h2", { dir: "auto" }, one.name), h("button", { class: "quiet", onclick: close }, "All names")),
      h("p", { class: "unit" }, `${one.type}${one.aliases.length ? ` · also ${one.aliases.join(", ")}` : ""}`),
      description(one.description),
      ...one.communities
        .filter((community) => community.title)
        .map((community) =>
          h(
            "details",
            { class: "report" },
            h("summary", {}, `Report: ${community.title} (${community.members} names)`),
            h("p", { class: "said" }, community.summary),
          ),
        ),
      part(
        "Relations",
        one.counts.relations,
        one.relations.length,
        one.relations.map((r) =>
          h(
            "li",
            {},
            h("button", { class: "link", onclick: () => choose(r.id) }, r.name),
            h("span", { class: "unit" }, ` ${r.description}`),
          ),
        ),
      ),
      part(
        "Rows that name it",
        one.counts.rows,
        one.rows.length,
        one.rows.map((row) =>
          h(
            "li",
            {},
            h("a", { href: `#rows?id=${encodeURIComponent(row.id)}` }, row.question),
            h("span", { class: "unit" }, ` ${row.answer}`),
          ),
        ),
      ),
      one.counts.rows
        ? h(
            "p",
            {},
            h(
              "a",
              { href: `#rows?entity=${encodeURIComponent(one.name)}` },
              `All ${number(one.counts.rows)} in the review desk`,
            ),
          )
        : h("p", { class: "unit" }, "No row names it."),
      part(
        "Pages",
        one.counts.chunks,
        one.chunks.length,
        one.chunks.map((chunk) =>
          h("li", {}, placeButton(chunk), h("p", { class: "passage", dir: "auto" }, chunk.text)),
        ),
      ),
    ],
  );
  if (focus) root.detail.focus({ preventScroll: innerWidth > 900 });
}
