// The frame of the page: its parts by address (#chat, #rows?…), the server's state, and documents in a dialog.
import { api, h, onReturn, Params } from "./lib.js";
import * as chat from "./chat.js";
import * as report from "./report.js";
import * as rows from "./rows.js";
import * as graph from "./graph.js";
import * as run from "./run.js";

const parts = { chat, rows, graph, run, report };
const content = document.getElementById("content");
let shown = null;

async function show() {
  const [name, query] = location.hash.slice(1).split("?");
  if (name === "content") return content.focus();
  const part = parts[name] ? name : "chat";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${part}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (shown?.name === part && shown.part.update) return shown.part.update(new Params(query));
  shown?.part.leave?.();
  shown = { name: part, part: parts[part] };
  document.title = `${document.querySelector(`nav a[href="#${part}"]`).textContent} – ragtuned`;
  content.replaceChildren(h("p", { class: "unit" }, "Loading …"));
  await parts[part].show(content, new Params(query));
}

addEventListener("hashchange", show);
onReturn(() => {
  const old = shown;
  shown = null;
  old?.part.leave?.();
  show();
});
api("/api/project").then((told) => {
  document.getElementById("run").textContent = `run ${told.run} · ${told.directory}`;
});
show();
