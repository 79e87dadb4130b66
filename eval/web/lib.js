// What the parts of the page share. Elements are made by h(), which only ever sets text: nothing that a model or a
// document says is read as HTML.

/** An element: h("p", {class: "unit", onclick: f}, "text", child, [more]). */
export function h(tag, props = {}, ...children) {
  const svg =
    ["svg", "path", "circle", "line", "rect", "text", "g", "title", "polyline"].includes(tag) && props.svg !== false;
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "svg" || value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/** Put children in place of those that an element has; lists are laid flat, null and false are left out. */
export function fill(element, ...children) {
  element.replaceChildren(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
}

/** The part of an address behind its question mark. */
export class Params extends URLSearchParams {
  text(name) {
    return this.get(name) ?? "";
  }
}

const offline = document.getElementById("offline");
const returns = new Set();
let asking = null;

/** Call `f` when the server answers again after it was gone. */
export function onReturn(f) {
  returns.add(f);
}

function gone() {
  offline.hidden = false;
  offline.textContent = "The server does not answer. Was it ended? Start it again; this page goes on by itself.";
  asking ??= setInterval(async () => {
    try {
      await fetch("/api/project");
    } catch {
      return;
    }
    clearInterval(asking);
    asking = null;
    offline.hidden = true;
    for (const f of returns) f();
  }, 1000);
}

/** What the server says was wrong: `what` happened and what to `do`. */
export class Refused extends Error {
  constructor(told) {
    super(told.do ? `${told.what} → ${told.do}` : told.what);
    this.told = told;
  }
}

export async function request(path, body, signal) {
  const sent =
    body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        };
  let response;
  try {
    response = await fetch(new URL(path, location.origin), { ...sent, signal }); // the address may hold a password
  } catch (error) {
    if (error.name !== "AbortError") gone();
    throw error;
  }
  if (response.ok) return response;
  const said = response.headers.get("Content-Type")?.includes("json") ? await response.json() : {};
  throw new Refused({ what: said.what ?? `the server answered ${response.status}`, do: said.do ?? "" });
}

/** The JSON that the server answers; with a `body` it is sent by POST. */
export async function api(path, body) {
  return (await request(path, body)).json();
}

/** Each line of JSON of a stream, as it comes. */
export async function* lines(path, body, signal) {
  const response = await request(path, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const found = (rest + value).split("\n");
      rest = found.pop();
      for (const line of found) if (line) yield JSON.parse(line);
    }
  } catch (error) {
    if (error.name !== "AbortError") gone();
    throw error;
  }
}

export function problem(error) {
  return h("p", { class: "problem", role: "alert" }, error.message);
}

export function number(value) {
  return new Intl.NumberFormat("en").format(value);
}

/** "20 of 33 (61 %, 95 % interval 44–75 %)". */
export function proportion(p) {
  if (p.share === null) return "0 of 0";
  const per = (share) => Math.round(100 * share);
  return `${p.hits} of ${p.n} (${per(p.share)} %, 95 % interval ${per(p.low)}–${per(p.high)} %)`;
}

/** `text` with the spans [start, end) marked; `id` of the first mark. */
export function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const { start, end, title } of [...spans].sort((a, b) => a.start - b.start)) {
    if (end <= at) continue;
    parts.push(text.slice(at, Math.max(start, at)), h("mark", { title }, text.slice(Math.max(start, at), end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

// Offsets count characters as Python does, JavaScript counts UTF-16 units.
export function units(text, spans) {
  if (!/[\ud800-\udbff]/.test(text)) return spans;
  const wanted = [...new Set(spans.flatMap((s) => [s.start, s.end]))].sort((a, b) => a - b);
  const at = new Map();
  let code = 0,
    unit = 0;
  for (const place of wanted) {
    while (code < place && unit < text.length) {
      unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
      code += 1;
    }
    at.set(place, unit);
  }
  return spans.map((s) => ({ ...s, start: at.get(s.start), end: at.get(s.end) }));
}

/** A document in the dialog, `spans` of it highlighted, with the rows that were made of it. */
export async function openDocument(id, spans = []) {
  const dialog = document.getElementById("document");
  const found = await api(`/api/document?id=${encodeURIComponent(id)}`);
  const body = h("div", {
    class: "text",
    dir: "auto",
    tabindex: "0",
    role: "region",
    "aria-label": "text of the document",
  });
  const light = (some) => {
    body.replaceChildren(...marked(found.text, units(found.text, some)));
    body.querySelector("mark")?.scrollIntoView({ block: "center" });
  };
  const list = h(
    "ul",
    { class: "plain" },
    found.rows.map((row) =>
      h(
        "li",
        {},
        h("button", { class: "link", onclick: () => light(row.spans) }, row.question),
        " ",
        h("span", { class: "unit" }, `${row.answer} · ${row.status} · `),
        h("a", { href: `#rows?id=${encodeURIComponent(row.id)}`, onclick: () => dialog.close() }, "row"),
      ),
    ),
  );
  dialog.replaceChildren(
    h(
      "header",
      {},
      h(
        "div",
        {},
        h("h2", { id: "document-title", dir: "auto" }, found.title || found.path),
        h("span", { class: "unit" }, found.path),
      ),
      h("button", { class: "quiet", onclick: () => dialog.close(), "aria-label": "Close the document" }, "Close"),
    ),
    body,
    h("details", {}, h("summary", {}, `${number(found.rows.length)} rows were made of it`), list),
  );
  if (!dialog.open) dialog.showModal();
  light(spans);
}

/** A button that opens a document at a place. */
export function placeButton(place) {
  const name = place.place || place.path;
  const title = `characters ${number(place.start)} to ${number(place.end)}`;
  if (!place.document) return h("span", { class: "unit", title }, name);
  return h("button", { class: "link place", title, onclick: () => openDocument(place.document, [place]) }, name);
}

/** Evidence: its words, and the button to its place. */
export function evidence(place) {
  return h("blockquote", { dir: "auto" }, `“${place.quote}” `, placeButton(place));
}

/** What is not there yet, and the command that makes it. */
export function nothingYet(what, command) {
  return h("p", { class: "panel nothing" }, what, command ? [" Run ", h("code", {}, command), "."] : null);
}
