// Rows: every row by filter and page, one of them open beside the list, and what a person decides about it.
import { api, fill, h, nothingYet, number, placeButton, problem } from "./lib.js";

const STATES = {
  "": "all rows",
  kept: "kept",
  rejected: "rejected",
  borderline: "borderline",
  train: "in training",
  validation: "in validation",
  heldout: "held out",
  decided: "decided by a person",
  undecided: "not decided",
};
const FILTERS = ["state", "kind", "gate", "document", "entity"];
let filter = {},
  told = null,
  open = null,
  root,
  timer,
  wanted = 0;
const picked = new Set();

export async function show(content, params) {
  filter = { first: "1" };
  picked.clear();
  open = null;
  root = {
    search: h("input", {
      type: "search",
      id: "q",
      dir: "auto",
      placeholder: "Search questions, answers, evidence",
      "aria-label": "Search",
      oninput: later,
    }),
    filters: h("div", { class: "filters" }),
    folded: h("summary", {}, "Filters"),
    count: h("p", { class: "unit", role: "status", id: "count" }),
    bulk: h("div", { class: "bulk" }),
    list: h("ul", { class: "plain rowlist", id: "rowlist" }),
    pager: h("div", { class: "pager" }),
    detail: h("section", { class: "detail", id: "detail", "aria-label": "The row", tabindex: "-1" }),
    publish: h("div", { class: "publish" }),
    every: h("input", {
      type: "checkbox",
      id: "every",
      onchange: () => {
        filter.first = root.every.checked ? "" : "1";
        load();
      },
    }),
    who: h("input", {
      type: "text",
      id: "who",
      "aria-label": "Your name",
      value: localStorage.getItem("who") ?? "",
      oninput: () => localStorage.setItem("who", root.who.value),
    }),
  };
  content.replaceChildren(
    h(
      "header",
      { class: "partbar" },
      h("h1", { class: "tight" }, "Rows"),
      h("label", { class: "unit name", for: "who" }, "Your name ", root.who),
      root.publish,
    ),
    h("div", { class: "searchbar" }, root.search),
    h("details", { class: "fold", open: innerWidth > 640 }, root.folded, root.filters),
    h(
      "div",
      { class: "desk" },
      h(
        "div",
        {},
        h(
          "div",
          { class: "listbar" },
          root.count,
          h("label", { class: "unit", for: "every" }, root.every, " Every wording"),
        ),
        root.bulk,
        root.list,
        root.pager,
      ),
      root.detail,
    ),
  );
  addEventListener("keydown", keys);
  for (const name of [...FILTERS, "q"]) if (params.text(name)) filter[name] = params.text(name);
  root.search.value = filter.q ?? "";
  await load();
  if (params.text("id")) await openRow(params.text("id"), true);
}

export function leave() {
  removeEventListener("keydown", keys);
  clearTimeout(timer);
}

export async function update(params) {
  if (params.text("id")) return openRow(params.text("id"), true);
  for (const name of [...FILTERS, "q"]) filter[name] = params.text(name);
  root.search.value = filter.q ?? "";
  await load();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    filter.q = root.search.value;
    load();
  }, 120);
}

function query(more = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filter, ...more })) if (value) asked.set(name, value);
  return asked;
}

async function load(page = 0) {
  const mine = ++wanted;
  try {
    const answer = await api(`/api/rows?${query({ page: String(page) })}`);
    if (mine !== wanted) return; // a later one is on its way
    told = answer;
  } catch (error) {
    fill(root.list, problem(error));
    return;
  }
  if (!root.who.value) root.who.placeholder = told.user;
  drawFilters();
  drawList();
  drawPublish();
}

function drawFilters() {
  const select = (name, label, values) =>
    h(
      "select",
      {
        name,
        class: filter[name] ? "set" : "",
        "aria-label": label,
        title: label,
        onchange: (event) => {
          filter[name] = event.target.value;
          load();
        },
      },
      values.map(([value, text]) => {
        const option = h("option", { value }, text);
        option.selected = (filter[name] ?? "") === value;
        return option;
      }),
    );
  const of = (name, all) => [
    ["", all],
    ...told.choices[name]
      .filter(([value]) => value)
      .map(([value, n]) => [value, n === null ? value : `${value} (${number(n)})`]),
  ];
  const counts = Object.fromEntries(told.choices.state);
  const set = FILTERS.filter((name) => filter[name]).length;
  root.folded.textContent = set ? `Filters (${set})` : "Filters";
  fill(
    root.filters,
    select(
      "state",
      "State",
      Object.entries(STATES).map(([value, text]) => [
        value,
        counts[value] ? `${text} (${number(counts[value])})` : text,
      ]),
    ),
    select("kind", "Kind", of("kind", "any kind")),
    select("gate", "Gate", of("gate", "any gate")),
    select("document", "Document", of("document", "any document")),
    select("entity", "Entity", of("entity", "any entity")),
    set
      ? h(
          "button",
          {
            class: "quiet",
            onclick: () => {
              for (const name of FILTERS) filter[name] = "";
              load();
            },
          },
          "Clear filters",
        )
      : null,
  );
}

function drawList() {
  root.count.textContent = told.total
    ? `${number(told.total)} of ${number(told.all)} rows`
    : told.all
      ? "No row fits these filters."
      : "";
  fill(
    root.list,
    told.all ? null : nothingYet("There are no rows yet.", "ragtuned synthesize"),
    told.rows.map((row) => {
      const box = h("input", {
        type: "checkbox",
        "aria-label": `choose: ${row.question}`,
        onchange: () => {
          box.checked ? picked.add(row.id) : picked.delete(row.id);
          drawBulk();
        },
      });
      box.checked = picked.has(row.id);
      return h(
        "li",
        { class: row.id === open ? "row open" : "row", "data-id": row.id },
        box,
        h(
          "button",
          { class: "link", dir: "auto", onclick: () => openRow(row.id, true) },
          row.question || "(no question)",
          h("span", { class: "answer" }, row.answer),
        ),
        h(
          "span",
          { class: "unit tags" },
          badge(row),
          ` ${row.kind.replace("_", "-")}`,
          row.wordings ? ` · ${row.wordings} wording${row.wordings === 1 ? "" : "s"}` : "",
          row.reason ? ` · ${row.gate}: ${row.reason}` : "",
        ),
      );
    }),
  );
  const go = (page, text) =>
    h(
      "button",
      {
        class: "quiet",
        onclick: () => {
          load(page);
          root.list.scrollIntoView({ block: "nearest" });
        },
      },
      text,
    );
  fill(
    root.pager,
    ...(told.pages > 1
      ? [
          told.page ? go(told.page - 1, "Earlier") : null,
          h("span", { class: "unit" }, `page ${told.page + 1} of ${number(told.pages)}`),
          told.page + 1 < told.pages ? go(told.page + 1, "Later") : null,
        ]
      : []),
  );
  drawBulk();
}

function badge(row) {
  const word = row.decision
    ? `${row.decision.decision}ed`.replace("eed", "ed")
    : row.borderline
      ? `${row.state}, borderline`
      : row.state;
  return h("b", { class: `badge ${row.decision ? row.decision.decision : row.state}` }, word);
}

function drawBulk() {
  const some = picked.size;
  const chosenByFilter = told.total && (filter.q || FILTERS.some((name) => filter[name])); // all of a run: by no slip
  fill(
    root.bulk,
    ...(some || chosenByFilter
      ? [
          some ? h("span", {}, `${number(some)} chosen `) : null,
          h(
            "button",
            { class: "quiet", disabled: !some, onclick: () => decide({ ids: [...picked] }, "accept") },
            "Accept chosen",
          ),
          h(
            "button",
            { class: "quiet", disabled: !some, onclick: () => decide({ ids: [...picked] }, "reject") },
            "Reject chosen",
          ),
          h(
            "button",
            {
              class: "quiet",
              onclick: () =>
                sure(`Accept all ${number(told.total)} rows that fit the filters?`) &&
                decide({ filter: Object.fromEntries(query()) }, "accept"),
            },
            `Accept all ${number(told.total)}`,
          ),
          h(
            "button",
            {
              class: "quiet",
              onclick: () =>
                sure(`Reject all ${number(told.total)} rows that fit the filters?`) &&
                decide({ filter: Object.fromEntries(query()) }, "reject"),
            },
            `Reject all ${number(told.total)}`,
          ),
        ]
      : []),
  );
}

function sure(question) {
  return confirm(question);
}

async function decide(which, decision, words = {}) {
  try {
    const done = await api("/api/rows/decide", { ...which, decision, ...words, who: root.who.value || undefined });
    picked.clear();
    await load(told.page);
    root.count.textContent += ` · ${number(done.decided)} ${decision}ed`.replace("eed", "ed");
    if (open) await openRow(open);
  } catch (error) {
    root.bulk.append(problem(error));
  }
}

function drawPublish() {
  const { publishing, waiting, decided } = told;
  const words =
    {
      running: "The rows are being published …",
      done: `Published: ${publishing.what}.`,
      failed: `Not published: ${publishing.what}${publishing.do ? ` → ${publishing.do}` : ""}`,
    }[publishing.state] ?? "";
  fill(
    root.publish,
    h(
      "span",
      { class: "unit" },
      waiting === null
        ? `${number(decided)} decisions`
        : `The run waits: ${number(waiting)} questions are not decided.`,
    ),
    " ",
    h(
      "button",
      {
        id: "publish",
        class: "quiet",
        disabled: publishing.state === "running" || !decided || Boolean(waiting),
        onclick: publish,
      },
      "Publish the decisions",
    ),
    h("span", { role: "status", class: publishing.state === "failed" ? "problem" : "unit" }, words),
  );
}

async function publish() {
  told.publishing = await api("/api/rows/publish", {});
  drawPublish();
  const follow = setInterval(async () => {
    await load(told.page).catch(() => clearInterval(follow));
    if (told.publishing.state !== "running") clearInterval(follow);
  }, 700);
}

async function openRow(id, focus = false) {
  open = id;
  for (const item of root.list.querySelectorAll(".row")) item.classList.toggle("open", item.dataset.id === id);
  let row;
  try {
    row = await api(`/api/row?id=${encodeURIComponent(id)}`);
  } catch (error) {
    fill(root.detail, problem(error));
    return;
  }
  const question = h("textarea", { rows: "2", dir: "auto", "aria-label": "Question" }),
    answer = h("textarea", { rows: "2", dir: "auto", "aria-label": "Answer" });
  question.value = row.decision?.question || row.question;
  answer.value = row.decision?.answer || row.answer;
  const save = () =>
    decide({ ids: [row.id] }, "edit", {
      question: question.value.trim() === row.question ? "" : question.value,
      answer: answer.value.trim() === row.answer ? "" : answer.value,
    });
  const edit = h(
    "details",
    { class: "edit" },
    h("summary", {}, "Edit"),
    question,
    answer,
    h("button", { class: "quiet", id: "save", onclick: save }, "Keep the edit"),
    h("p", { class: "unit" }, "The critic reads an edited row again when the rows are published."),
  );
  fill(
    root.detail,
    h(
      "header",
      {},
      h("h2", { dir: "auto" }, row.question || "(no question)"),
      h("button", { class: "quiet", onclick: close }, "Close"),
    ),
    h("p", { class: "said", dir: "auto" }, row.answer),
    h(
      "p",
      { class: "unit" },
      badge(row),
      ` ${row.kind.replace("_", "-")}${row.split ? ` · ${row.split}` : ""} · round ${row.round}`,
    ),
    row.decision
      ? h(
          "p",
          { class: "unit" },
          `${row.decision.decision} by ${row.decision.who || "a person"} ${row.decision.when ? `on ${row.decision.when}` : ""}`,
        )
      : null,
    h(
      "div",
      { class: "decide" },
      h(
        "button",
        { id: "accept", onclick: () => decide({ ids: [row.id] }, "accept") },
        row.state === "rejected" ? "Take it back (a)" : "Accept (a)",
      ),
      h(
        "button",
        { id: "reject", onclick: () => decide({ ids: [row.id] }, "reject") },
        row.wordings ? `Reject with its ${row.wordings} wordings (r)` : "Reject (r)",
      ),
    ),
    edit,
    row.reason
      ? h(
          "div",
          {},
          h("h3", {}, "Why it was dropped"),
          h("p", {}, `${row.gate}: ${row.reason}`),
          row.raw ? h("pre", { tabindex: "0" }, row.raw) : null,
        )
      : null,
    row.fact && row.state === "rejected" ? h("p", {}, h("b", {}, "The fact: "), row.fact) : null,
    row.scores && Object.keys(row.scores).length
      ? h(
          "div",
          {},
          h("h3", {}, "What the gates said"),
          h(
            "table",
            {},
            h(
              "tbody",
              {},
              Object.entries(row.scores).map(([gate, p]) =>
                h("tr", {}, h("th", { scope: "row" }, gate), h("td", {}, `P(yes) = ${p.toFixed(2)}`)),
              ),
            ),
          ),
        )
      : null,
    row.reasoning
      ? h("details", {}, h("summary", {}, "Its reasoning"), h("p", { class: "said", dir: "auto" }, row.reasoning))
      : null,
    h("h3", {}, row.evidence.length ? "Evidence" : "It quotes no evidence"),
    row.evidence.map((place) =>
      h(
        "blockquote",
        { class: "context", dir: "auto" },
        place.before,
        h("mark", {}, place.quote),
        place.after,
        h("br"),
        placeButton(place),
      ),
    ),
    row.drafts.length > 1 ? drafts(row) : null,
    row.others?.length
      ? h(
          "details",
          {},
          h("summary", {}, `${row.others.length} other wordings`),
          h(
            "ul",
            {},
            row.others.map((other) =>
              h(
                "li",
                {},
                h("button", { class: "link", onclick: () => openRow(other.id) }, other.question),
                h("span", { class: "unit" }, ` ${other.split ?? ""}`),
              ),
            ),
          ),
        )
      : null,
    row.source
      ? h(
          "p",
          { class: "unit" },
          `by ${row.source.role}${row.source.model ? `, ${row.source.model}` : ""}${row.source.style ? ` · ${row.source.style}` : ""}`,
        )
      : null,
  );
  if (focus) {
    root.detail.focus({ preventScroll: innerWidth > 900 });
    if (innerWidth <= 900) root.detail.scrollIntoView();
  }
}

function close() {
  root.list.querySelector(".row.open")?.classList.remove("open");
  open = null;
  fill(root.detail);
}

/** Everything that was written about the same thing, round by round, with the verdict on each. */
function drafts(row) {
  return h(
    "details",
    { class: "drafts", open: row.round > 1 },
    h("summary", {}, `${number(row.drafts.length)} drafts, round by round`),
    h(
      "ol",
      { class: "plain" },
      row.drafts.map((draft) =>
        h(
          "li",
          { class: draft.id === row.id ? "this" : "" },
          h("span", { class: "unit" }, `round ${draft.round} `),
          badge({ state: draft.gate ? "rejected" : "kept" }),
          h("span", { class: "unit" }, draft.gate ? ` ${draft.gate}: ${draft.reason}` : ""),
          h("br"),
          draft.id === row.id
            ? h("b", {}, draft.question)
            : draft.id
              ? h(
                  "button",
                  { class: "link", dir: "auto", onclick: () => openRow(draft.id) },
                  draft.question || "(no question)",
                )
              : draft.question,
          h("span", { class: "answer" }, draft.answer),
        ),
      ),
    ),
  );
}

/** j and k go down and up the list, a accepts, r rejects. */
function keys(event) {
  if (
    event.target.matches("input, textarea, select") ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    document.querySelector("dialog[open]")
  )
    return;
  const at = told ? told.rows.findIndex((row) => row.id === open) : -1;
  if (event.key === "j" && told?.rows[at + 1]) openRow(told.rows[at + 1].id);
  else if (event.key === "k" && at > 0) openRow(told.rows[at - 1].id);
  else if (event.key === "a" && open) decide({ ids: [open] }, "accept");
  else if (event.key === "r" && open) decide({ ids: [open] }, "reject");
}
