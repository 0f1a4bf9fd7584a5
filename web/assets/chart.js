/* chart.js - reads a chart's values out under the pointer or the arrow keys.
 *
 * The picture comes complete from the server; this adds the cross-hair. */

const SVG = "http://www.w3.org/2000/svg";

function stamp(ms, offsetMs) {
  return new Date(ms + offsetMs).toISOString().slice(5, 16).replace("T", " ");
}

function make(svg, name, className) {
  const element = document.createElementNS(SVG, name);
  element.setAttribute("class", className);
  element.setAttribute("visibility", "hidden");
  svg.append(element);
  return element;
}

function enhance(svg, words, offsetMs) {
  const data = svg.dataset;
  const values = data.values.split(",");
  const [left, right, top, bottom, low, high] =
    ["left", "right", "top", "bottom", "low", "high"].map((name) => Number(data[name]));
  const output = svg.closest("figure").querySelector("output");
  const unit = svg.closest("figure").dataset.unit;
  const cross = make(svg, "path", "cross");
  const dot = make(svg, "circle", "dot");
  let index = values.length - 1;
  dot.setAttribute("r", "5");

  function show(at) {
    index = Math.min(values.length - 1, Math.max(0, at));
    const x = left + (right - left) * index / Math.max(1, values.length - 1);
    const text = values[index];
    const y = bottom - (bottom - top) * (Number(text) - low) / (high - low);
    cross.setAttribute("d", `M${x} ${top}V${bottom}`);
    cross.setAttribute("visibility", "visible");
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
    dot.setAttribute("visibility", text === "" ? "hidden" : "visible");
    const time = stamp(Number(data.start) + index * Number(data.step), offsetMs);
    output.textContent = `${time}  ${text === "" ? "–" : text + " " + unit}`;
  }

  function hide() {
    cross.setAttribute("visibility", "hidden");
    dot.setAttribute("visibility", "hidden");
    output.textContent = "";
  }

  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) * svg.viewBox.baseVal.width / box.width;
    show(Math.round((x - left) / (right - left) * (values.length - 1)));
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -12, PageDown: 12 }[event.key];
    if (event.key === "Home") show(0);
    else if (event.key === "End") show(values.length - 1);
    else if (step) show(index + step);
    else return;
    event.preventDefault();
  });
}

export function enhanceCharts(words, offsetMs) {
  for (const svg of document.querySelectorAll("svg.chart")) enhance(svg, words, offsetMs);
}
