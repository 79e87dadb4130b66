// Report: report.html of an evaluated run, as it is written to disk, in a frame of its own.
import { h, request } from "./lib.js";

export async function show(content) {
  try {
    await request("/report");
  } catch (error) {
    content.replaceChildren(h("h1", { class: "tight" }, "Report"), h("p", {}, error.message));
    return;
  }
  content.replaceChildren(
    h("p", { class: "unit" }, h("a", { href: "/report", target: "_blank", rel: "noopener" }, "Open it alone")),
    h("iframe", { class: "report", src: "/report", title: "report of the run" }),
  );
}
