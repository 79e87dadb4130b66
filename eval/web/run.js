// Run: where it stands, its funnel, rows by origin, facts, spending and loss; while it goes on it looks again by itself.
import { api, fill, h, nothingYet, number, problem } from "./lib.js";

const WORDS = {
  working: "It is under way.",
  waiting: "It waits for a person: decide in the Rows part.",
  stopped: "It stopped half-way; the same command goes on.",
  finished: "It is finished.",
  none: "Nothing has run yet.",
};
const READ = ["documents", "chunks", "facts", "names", "relations", "reports"]; // the rest of the counts are questions
let root,
  timer,
  last = "",
  wanted = "",
  sought;

export async function show(content) {
  last = "";
  root = {
    state: h("p", { role: "status", class: "lead", id: "state" }),
    live: h("div", { id: "live" }),
    body: h("div", {}),
    facts: h("div", { id: "facts" }),
    seek: h("input", {
      type: "search",
      "aria-label": "Search facts",
      placeholder: "Search facts",
      oninput: () => {
        clearTimeout(sought);
        sought = setTimeout(() => {
          wanted = root.seek.value;
          facts();
        }, 150);
      },
    }),
  };
  content.replaceChildren(
    h("h1", { class: "tight" }, "Run"),
    root.state,
    root.live,
    root.body,
    h("h2", {}, "Facts, and how many questions teach each"),
    root.seek,
    root.facts,
  );
  await look();
  await facts();
}

export function leave() {
  clearTimeout(timer);
}

export function update() {}

async function look() {
  clearTimeout(timer);
  let told;
  try {
    told = await api("/api/run");
  } catch (error) {
    fill(root.state, problem(error));
    return;
  }
  const state = told.stages.length ? "working" : told.state; // a finished run may be tuned or asked now
  root.state.className = `lead ${state}`;
  root.state.textContent = told.fault
    ? ""
    : `${WORDS[state]}${state === "finished" || state === "none" ? "" : ` Last change ${number(told.changed)} s ago.`}`;
  fill(root.live, told.stages.length ? stages(told.stages) : null);
  const { changed, stages: _, ...rest } = told;
  if (JSON.stringify(rest) !== last) {
    last = JSON.stringify(rest);
    draw(told);
  }
  timer = setTimeout(look, state === "finished" ? 5000 : 1500);
}

function draw(told) {
  const { record } = told;
  const read = told.counts.filter(([name]) => READ.includes(name)),
    asked = told.counts.filter(([name]) => !READ.includes(name));
  fill(
    root.body,
    ...[
      told.fault ? problem(new Error(told.fault)) : null,
      told.state === "none" && !told.counts.length && !told.stages.length && !told.fault
        ? nothingYet("There is no training set yet.", "ragtuned synthesize")
        : null,
      told.counts.length ? h("h2", {}, "From documents to training rows") : null,
      read.length ? tiles(Object.fromEntries(read)) : null,
      asked.length ? funnel(asked) : null,
      Object.keys(told.rows).length ? h("h2", {}, "Who stands for the training rows") : null,
      Object.keys(told.rows).length ? tiles(told.rows) : null,
      record
        ? h(
            "p",
            { class: "unit" },
            `${record.account}. Teacher: ${record.teacher}${record.recorded ? ", replayed from a recording" : ""}.`,
          )
        : null,
      record && Object.keys(record.acceptance).length ? gates(record.acceptance) : null,
      record && Object.keys(record.reasons).length ? reasons(record.reasons) : null,
      h("h2", {}, "Spending"),
      record ? spending(record) : null,
      told.calls.length ? callsTable(told.calls) : h("p", { class: "unit" }, "No call is stored yet."),
      record ? seconds(record.seconds) : null,
      told.rounds.length ? h("h2", {}, "What the student knows, by round") : null,
      told.rounds.length ? known(told.rounds) : null,
      h("h2", {}, "How it learns"),
      told.losses.length
        ? curve(told.losses)
        : told.adapter
          ? h("p", { class: "unit" }, "The adapter has no losses.csv.")
          : nothingYet("It is not tuned yet.", "ragtuned tune"),
    ],
  );
}

/** What each stage of a command under way has done. */
function stages(told) {
  return h(
    "ol",
    { class: "plain funnel stages", "aria-label": "Stages under way" },
    told.map((stage) => {
      const done = Object.values(stage.counts).reduce((a, b) => a + b, 0);
      const ended = stage.state === "ended";
      const share = ended ? 1 : stage.total ? Math.min(1, done / stage.total) : 0;
      const words = Object.entries(stage.counts).map(([name, n]) => `${number(n)} ${name}`);
      return h(
        "li",
        { class: ended ? "ended" : stage.total ? "" : "endless" },
        h("span", {}, stage.stage),
        bar(share),
        h("b", {}, stage.total ? `${number(done)}/${number(stage.total)}` : done ? number(done) : ended ? "done" : "…"),
        h(
          "span",
          { class: "unit" },
          [...words, stage.note, `${stage.seconds.toFixed(0)} s`].filter(Boolean).join(" · "),
        ),
      );
    }),
  );
}

/** Questions from written to trained, each with its share of the first. */
function funnel(counts) {
  const most = Math.max(...counts.map(([, n]) => n));
  const share = (n) => (counts.length > 1 ? h("span", { class: "unit" }, ` ${Math.round((100 * n) / most)} %`) : null);
  return h(
    "ol",
    { class: "plain funnel" },
    counts.map(([name, n]) => h("li", {}, h("span", {}, name), bar(n / most), h("b", {}, number(n), share(n)))),
  );
}

function bar(share, name = "") {
  return h(
    "svg",
    { class: `bar ${name}`, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("rect", { class: "track", width: "100", height: "10" }),
    h("rect", { class: "fill", width: String(100 * share), height: "10" }),
  );
}

function tiles(counts) {
  return h(
    "div",
    { class: "tiles" },
    Object.entries(counts).map(([name, n]) => h("div", { class: "tile" }, h("b", {}, number(n)), h("span", {}, name))),
  );
}

/** Known facts after each round of improve. */
function known(rounds) {
  return h(
    "ol",
    { class: "plain funnel rounds" },
    rounds.map((one) =>
      h(
        "li",
        {},
        h("span", {}, one.number ? `round ${one.number}` : "after tune"),
        bar(one.share ?? 0),
        h("b", {}, `${number(one.hits)}/${number(one.n)}`),
      ),
    ),
  );
}

function table(header, rows, caption) {
  return h(
    "div",
    { class: "panel scroll", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          header.map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map(([name, ...cells]) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, name),
            cells.map((cell) => h("td", {}, cell)),
          ),
        ),
      ),
    ),
  );
}

function gates(acceptance) {
  const rows = Object.entries(acceptance).flatMap(([n, round]) =>
    Object.entries(round.gates).map(([gate, tally]) => [
      `round ${n}, ${gate}`,
      number(tally.seen),
      number(tally.passed),
      tally.seen ? `${Math.round((100 * tally.passed) / tally.seen)} %` : "–",
    ]),
  );
  return h(
    "details",
    {},
    h("summary", {}, "What each gate let pass"),
    table(["", "seen", "passed", "share"], rows, "gates"),
  );
}

function reasons(found) {
  return h(
    "details",
    {},
    h("summary", {}, "Why questions were dropped"),
    table(
      ["", "questions"],
      Object.entries(found).map(([why, n]) => [
        h("a", { href: `#rows?state=rejected&gate=${encodeURIComponent(why)}` }, why),
        number(n),
      ]),
      "reasons",
    ),
  );
}

function spending(record) {
  const shown = {
    calls: number(record.calls),
    "tokens in": number(record.tokens.in),
    "tokens out": number(record.tokens.out),
    "calls a fact": record.per_fact.calls.toFixed(2),
  };
  if (record.cost !== null) shown.USD = record.cost.toFixed(2);
  return h(
    "div",
    { class: "tiles" },
    Object.entries(shown).map(([name, n]) => h("div", { class: "tile" }, h("b", {}, n), h("span", {}, name))),
  );
}

function callsTable(calls) {
  return h(
    "details",
    {},
    h("summary", {}, "Stored calls of the project, by role"),
    table(
      ["", "calls", "tokens in", "tokens out"],
      calls.map((one) => [one.role, number(one.calls), number(one.tokens_in), number(one.tokens_out)]),
      "calls",
    ),
  );
}

function seconds(found) {
  return h(
    "details",
    {},
    h("summary", {}, "Seconds by stage, last start"),
    table(
      ["", "seconds"],
      Object.entries(found).map(([name, n]) => [name, n.toFixed(1)]),
      "seconds",
    ),
  );
}

/** Training loss by step, its running mean over a fortieth of the steps, and validation loss. */
function curve(losses) {
  const width = Math.max(280, Math.min(1100, root.body.clientWidth - 36)), // as wide as it is shown, so that letters are
    height = 240,
    pad = 34;
  const values = losses.flatMap((one) => [one.train, one.validation]).filter((v) => v !== null);
  const most = Math.max(...values, 0.1),
    steps = Math.max(...losses.map((one) => one.step), 1);
  const x = (step) => pad + ((width - pad - 8) * step) / steps,
    y = (loss) => 8 + (height - pad) * (1 - loss / most);
  const way = (some) => some.map(([step, loss]) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
  const of = (name) => losses.filter((one) => one[name] !== null).map((one) => [one.step, one[name]]);
  const train = of("train"),
    validation = of("validation"),
    mean = running(train, Math.ceil(train.length / 40));
  const words = [
    ["train", mean],
    ["validation", validation],
  ]
    .filter(([, some]) => some.length)
    .map(([name, some]) => `${name} ${some.at(-1)[1].toFixed(3)}`)
    .join(", ");
  return h(
    "figure",
    { class: "panel curve" },
    h(
      "svg",
      { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Loss by step; at the end ${words}` },
      [0, most / 2, most].map((v) => [
        h("line", { class: "grid", x1: pad, x2: width - 8, y1: y(v), y2: y(v) }),
        h("text", { x: pad - 5, y: y(v) + 4, "text-anchor": "end" }, v.toFixed(1)),
      ]),
      h("text", { x: width - 8, y: height - 6, "text-anchor": "end" }, `step ${number(steps)}`),
      mean === train ? null : h("polyline", { class: "raw", points: way(train) }),
      h("polyline", { class: "train", points: way(mean) }),
      h("polyline", { class: "validation", points: way(validation) }),
      validation.map(([step, loss]) => h("circle", { class: "validation", cx: x(step), cy: y(loss), r: 3 })),
    ),
    h("figcaption", { class: "unit" }, `At the end: ${words}. Orange is training, blue validation.`),
  );
}

/** The mean of the last `count` values at each step. */
function running(some, count) {
  if (count < 2) return some;
  let sum = 0;
  return some.map(([step, value], n) => {
    sum += value - (n >= count ? some[n - count][1] : 0);
    return [step, sum / Math.min(n + 1, count)];
  });
}

async function facts(page = 0) {
  let told;
  try {
    told = await api(`/api/facts?page=${page}&q=${encodeURIComponent(wanted)}`);
  } catch (error) {
    fill(root.facts, problem(error));
    return;
  }
  const most = Math.max(...told.spread, 1);
  const go = (to, text) => h("button", { class: "quiet", onclick: () => facts(to) }, text);
  fill(
    root.facts,
    h(
      "ol",
      { class: "plain funnel spread" },
      told.spread.map((n, k) =>
        n
          ? h(
              "li",
              {},
              h("span", {}, k === 10 ? "10 and more" : `${k} question${k === 1 ? "" : "s"}`),
              bar(n / most),
              h("b", {}, number(n)),
            )
          : null,
      ),
    ),
    table(
      ["fact, those with the fewest questions first", "questions"],
      told.facts.map((fact) => [
        fact.row ? h("a", { href: `#rows?id=${encodeURIComponent(fact.row)}` }, fact.statement) : fact.statement,
        number(fact.questions),
      ]),
      "facts",
    ),
    h(
      "div",
      { class: "pager" },
      told.page ? go(told.page - 1, "Earlier") : null,
      told.pages > 1
        ? h("span", { class: "unit" }, `page ${told.page + 1} of ${number(told.pages)}, ${number(told.total)} facts`)
        : null,
      told.page + 1 < told.pages ? go(told.page + 1, "Later") : null,
    ),
  );
}
