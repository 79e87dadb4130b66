// Report: report.html of an evaluated run, as it is written to disk, in a frame of its own.
import { h, nothingYet, problem, request } from "./lib.js";

export async function show(content) {
  try {
    await request("/report");
  } catch (error) {
    const missing = error.told?.what.endsWith("does not exist");
    const says = missing ? nothingYet("The run is not evaluated yet.", "ragtuned eval") : problem(error);
    content.replaceChildren(h("h1", { class: "tight" }, "Report"), says);
    return;
  }
  content.replaceChildren(
    h("p", { class: "unit" }, h("a", { href: "/report", target: "_blank", rel: "noopener" }, "Open it alone")),
    h("iframe", { class: "report", src: "/report", title: "report of the run" }),
  );
}
