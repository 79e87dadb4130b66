// Chat: one question, a pane for each contestant, all of them streaming at once.
import { api, evidence, h, lines, number, placeButton, problem, proportion } from "./lib.js";

const KINDS = { local: "details", global: "the whole", multi_hop: "two documents together" };
const CHOICES = [
  ["left", "Left is better"],
  ["right", "Right is better"],
  ["tie", "Tie"],
  ["both_bad", "Both bad"],
];
const turns = []; // of this tab; a reload forgets them
let state,
  running = null,
  root,
  timer;

export async function show(content) {
  try {
    state = await api("/api/chat");
  } catch (error) {
    content.replaceChildren(problem(error));
    return;
  }
  root = {
    log: h("div", { id: "log" }),
    examples: h("div", { id: "examples" }),
    people: h("fieldset", { class: "chips" }, h("legend", {}, "Who answers")),
    question: h("textarea", {
      id: "question",
      rows: "2",
      maxlength: "2000",
      dir: "auto",
      "aria-label": "Question",
      placeholder: "Ask about the documents",
      onkeydown: typed,
    }),
    blind: h("input", { type: "checkbox", id: "blind", onchange: refresh }),
    ask: h("button", { id: "ask", class: "primary", type: "submit" }, "Ask"),
    stop: h("button", { id: "stop", type: "button", hidden: true, onclick: stop }, "Stop"),
    status: h("p", { id: "status", class: "unit", role: "status" }),
    votes: h("div", { id: "votes" }),
  };
  const form = h(
    "form",
    {
      class: "composer",
      onsubmit: (event) => {
        event.preventDefault();
        ask();
      },
    },
    root.people,
    h("div", { class: "ask" }, root.question, root.ask, root.stop),
    h(
      "div",
      { class: "hints" },
      h("label", { for: "blind" }, root.blind, " Blind: hide who answers, shuffle the sides, and vote"),
      h("span", { class: "unit keys" }, "Enter asks · Shift+Enter new line · Esc stops · ↑ the last question"),
    ),
    root.status,
  );
  content.replaceChildren(
    h("h1", { class: "tight" }, "Ask the documents, side by side"),
    h("p", { class: "unit" }, "Every question stands alone: nobody remembers the one before."),
    root.examples,
    root.log,
    form,
    root.votes,
  );
  for (const pane of state.panes) root.people.append(chip(pane));
  for (const turn of turns) root.log.append(turn.element);
  showExamples();
  showVotes();
  refresh();
  follow();
}

export function leave() {
  clearTimeout(timer);
}

export function update() {}

function chip(pane) {
  const box = h("input", {
    type: "checkbox",
    name: "who",
    value: pane.name,
    id: `who-${pane.name}`,
    onchange: refresh,
  });
  box.checked = state.chosen.includes(pane.name);
  return h(
    "label",
    { class: `chip ${pane.name}`, for: box.id },
    box,
    ` ${pane.name} `,
    h("span", { class: "unit", "data-state": pane.name }),
  );
}

/** While a model loads, look again every second. */
async function follow() {
  clearTimeout(timer);
  if (!state.panes.some((pane) => ["waiting", "loading"].includes(pane.state))) return;
  timer = setTimeout(async () => {
    try {
      state.panes = (await api("/api/chat")).panes;
    } catch {
      return;
    }
    refresh();
    follow();
  }, 700);
}

function chosen() {
  return [...root.people.querySelectorAll("input:checked")].map((box) => box.value);
}

function refresh() {
  const words = { waiting: "waits", loading: "loads …", ready: "", missing: "missing" };
  for (const pane of state.panes)
    root.people.querySelector(`[data-state="${CSS.escape(pane.name)}"]`).textContent = words[pane.state];
  const picked = state.panes.filter((pane) => chosen().includes(pane.name));
  const missing = picked.filter((pane) => pane.state === "missing");
  const ready = picked.filter((pane) => pane.state === "ready");
  const loading = picked.filter((pane) => ["waiting", "loading"].includes(pane.state));
  const blindFits = picked.length === 2 && ready.length === 2;
  root.ask.disabled =
    Boolean(running) || !ready.length || Boolean(loading.length) || (root.blind.checked && !blindFits);
  const says = missing.map((pane) => `${pane.name}: ${pane.what} → ${pane.do}`);
  if (loading.length) says.push(`${loading.map((pane) => pane.name).join(" and ")}: the model is being loaded`);
  if (!picked.length) says.push("choose who answers");
  if (root.blind.checked && !blindFits && !loading.length)
    says.push("a blind vote needs two contestants that are ready");
  if (!running) root.status.textContent = says.join(" · ");
  root.stop.hidden = !running;
}

function showExamples() {
  root.examples.replaceChildren();
  if (turns.length || !state.examples.length) return;
  for (const kind of Object.keys(KINDS)) {
    const some = state.examples.filter((example) => example.kind === kind);
    if (!some.length) continue;
    root.examples.append(
      h("h2", { class: "small" }, `About ${KINDS[kind]}`),
      h(
        "ul",
        { class: "cards" },
        some.map((example) =>
          h(
            "li",
            {},
            h(
              "button",
              {
                class: "example",
                type: "button",
                dir: "auto",
                onclick: () => {
                  root.question.value = example.question;
                  root.question.focus();
                },
              },
              example.question,
            ),
          ),
        ),
      ),
    );
  }
}

function showVotes() {
  root.votes.replaceChildren(
    ...(state.votes.length ? [h("h2", { class: "small" }, "Blind votes so far")] : []),
    ...state.votes.map((one) =>
      h(
        "p",
        { class: "unit" },
        `${one.name} preferred to ${one.other}: ${proportion(one.wins)}; ${one.ties} ties, ${one.both_bad} both bad`,
      ),
    ),
  );
}

function typed(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!root.ask.disabled) ask();
  }
  if (event.key === "ArrowUp" && !root.question.value && turns.length) {
    event.preventDefault();
    root.question.value = turns.at(-1).question;
  }
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running) stop();
});

async function stop() {
  if (running?.round) await api("/api/chat/stop", { round: running.round });
}

async function ask(question = root.question.value, names = chosen(), blind = root.blind.checked) {
  if (running) return;
  if (!question.trim()) {
    root.status.textContent = "The question is empty: write one.";
    root.question.focus();
    return;
  }
  const turn = { question: question.trim(), names, blind, panes: new Map() };
  turn.grid = h("div", { class: "panes" });
  turn.foot = h("div", { class: "foot" });
  turn.element = h(
    "article",
    { class: "turn" },
    h("h2", { class: "asked", dir: "auto" }, turn.question),
    turn.grid,
    turn.foot,
  );
  turns.push(turn);
  root.log.append(turn.element);
  root.question.value = "";
  showExamples();
  running = { turn, round: null };
  root.status.textContent = "Answering …";
  refresh();
  turn.element.scrollIntoView({ block: "nearest" });
  try {
    for await (const line of lines("/api/chat/ask", { question: turn.question, panes: names, blind }))
      heard(turn, line);
  } catch (error) {
    for (const pane of turn.panes.values())
      if (!pane.ended) pane.status.textContent = "broken off: the server went away";
    turn.foot.append(problem(error));
  }
  const { round } = running;
  running = null;
  turn.foot.append(
    h("button", { type: "button", class: "quiet retry", onclick: () => ask(turn.question, names, blind) }, "Ask again"),
  );
  if (blind && [...turn.panes.values()].filter((pane) => pane.ended).length === 2)
    turn.foot.prepend(ballot(turn, round));
  refresh();
  root.status.textContent ||= "Done.";
  if (document.activeElement === document.body || document.activeElement === root.ask) root.question.focus();
}

function heard(turn, line) {
  if (line.type === "round") {
    running.round = line.round;
    for (const name of line.panes) {
      const pane = makePane(name);
      turn.panes.set(name, pane);
      turn.grid.append(pane.element);
    }
    return;
  }
  if (line.type === "in_line") {
    for (const pane of turn.panes.values())
      pane.status.textContent = "another question is being answered; this one waits";
    return;
  }
  const pane = turn.panes.get(line.pane);
  if (line.type === "begun") {
    pane.status.textContent = "answering …";
    pane.clock = performance.now();
    pane.ticking = setInterval(() => {
      pane.status.textContent = `answering … ${((performance.now() - pane.clock) / 1000).toFixed(0)} s`;
    }, 1000);
  } else if (line.type === "text") {
    pane.text.textContent = line.text;
  } else {
    clearInterval(pane.ticking);
    end(pane, line);
  }
}

function makePane(name) {
  const status = h("span", { class: "unit state" }, "waits");
  const text = h("p", { class: "said", dir: "auto" });
  const more = h("div", { class: "more" });
  const title = h("h3", {}, name);
  const element = h(
    "section",
    { class: `pane ${name}`, "data-pane": name, "aria-label": name },
    h("header", {}, title, status),
    text,
    more,
  );
  return { element, status, text, more, title, ended: false };
}

function end(pane, line) {
  pane.ended = line.type === "done" || line.type === "stopped";
  pane.element.dataset.end = line.type;
  if (line.type === "missing" || line.type === "failed") {
    pane.status.textContent = line.type === "missing" ? "not here" : "failed";
    pane.text.replaceChildren(h("span", { class: "problem" }, line.what));
    if (line.do) pane.more.append(h("p", {}, "Run ", h("code", {}, line.do)));
    return;
  }
  pane.text.textContent = line.text || "(nothing)";
  pane.status.textContent = line.type === "stopped" ? "stopped" : "done";
  if (line.name) details(pane, line);
}

/** What an answer came from and what it took. */
function details(pane, told) {
  if (told.text !== undefined) pane.text.textContent = told.text || "(nothing)";
  const took = [`${told.seconds.toFixed(1)} s`];
  if (told.first_token !== null) took.push(`first word after ${told.first_token.toFixed(1)} s`);
  if (told.completion_tokens !== undefined)
    took.push(`${number(told.prompt_tokens)} tokens read, ${number(told.completion_tokens)} written`);
  took.push(`${number(told.memory_mb)} MB for its model and index`);
  if (told.finished === false) took.push("cut off at the limit of tokens");
  pane.more.replaceChildren();
  if (told.reasoning)
    pane.more.append(
      h(
        "details",
        { class: "reasoning" },
        h("summary", {}, "Its reasoning"),
        h("p", { class: "said", dir: "auto" }, told.reasoning),
      ),
    );
  pane.more.append(h("p", { class: "unit took" }, took.join(" · ")));
  if (told.sources?.length) {
    pane.more.append(
      h(
        "details",
        { class: "sources", open: true },
        h(
          "summary",
          {},
          told.sources.length === 1 ? "The passage it was given" : `The ${told.sources.length} passages it was given`,
        ),
        h(
          "ol",
          {},
          told.sources.map((source) =>
            h("li", {}, placeButton(source), h("p", { class: "passage", dir: "auto" }, source.text)),
          ),
        ),
      ),
    );
  }
  if (told.known.length) {
    pane.more.append(
      h(
        "details",
        { class: "known", open: true },
        h("summary", {}, "What the training set knows about this"),
        h(
          "ol",
          {},
          told.known.map((row) =>
            h(
              "li",
              {},
              h("a", { href: `#rows?id=${encodeURIComponent(row.id)}` }, row.question),
              h("p", { dir: "auto" }, row.answer),
              row.evidence.map(evidence),
            ),
          ),
        ),
      ),
    );
  }
}

/** The four votes; who sat where is told afterwards. */
function ballot(turn, round) {
  const box = h(
    "div",
    { class: "ballot", role: "group", "aria-label": "Your vote" },
    h("span", {}, "Which answer is better?"),
  );
  for (const [choice, label] of CHOICES) {
    box.append(
      h(
        "button",
        {
          type: "button",
          "data-choice": choice,
          onclick: async () => {
            for (const button of box.querySelectorAll("button")) button.disabled = true;
            try {
              const told = await api("/api/chat/vote", {
                round,
                choice,
                who: localStorage.getItem("who") || undefined,
              });
              state.votes = told.votes;
              for (const [side, pane] of turn.panes) {
                pane.title.textContent = told.panes[side].name;
                pane.element.classList.add(told.panes[side].name);
                details(pane, told.panes[side]);
              }
              box.replaceChildren(
                h(
                  "span",
                  { role: "status" },
                  `Your vote is kept: ${label.toLowerCase()}. Left was ${told.panes.left.name}, right ${told.panes.right.name}.`,
                ),
              );
              showVotes();
            } catch (error) {
              box.append(problem(error));
              for (const button of box.querySelectorAll("button")) button.disabled = false;
            }
          },
        },
        label,
      ),
    );
  }
  return box;
}
