/* facilityd.js - keeps a page true without reloading it.
 *
 * Values and ages are written in place. What moves things about (states, issues) is
 * fetched again as a whole page and swapped piece by piece, never while a finger or a
 * pointer is on it. Without this script every page still shows everything. */

import { enhanceCharts } from "./chart.js";
import { openStream } from "./stream.js";

const body = document.body;
const words = JSON.parse(body.dataset.words);
const live = document.getElementById("live");
const lost = document.getElementById("lost");
const clock = document.getElementById("clock");
const offsetMs = Number(body.dataset.offset) * 1000;
let skewMs = Number(body.dataset.now) - Date.now(); /* server's clock minus ours */

document.documentElement.classList.add("scripted");

function serverNow() {
  return Date.now() + skewMs;
}

function fill(template, ...values) {
  return template.replace(/\{\}/g, () => String(values.shift()));
}

export function duration(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const m = Math.floor(s / 60);
  const h = Math.floor(m / 60);
  if (s < 60) return fill(words.s, s);
  if (m < 60) return fill(words.m, m);
  if (h < 24) return m % 60 === 0 ? fill(words.h, h) : fill(words.hm, h, m % 60);
  if (h % 24 === 0 || h >= 720) return fill(words.d, Math.floor(h / 24));
  return fill(words.dh, Math.floor(h / 24), h % 24);
}

function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/* ---- ages, clock ---- */

function showAges() {
  const now = serverNow();
  setText(clock, new Date(now + offsetMs).toISOString().slice(11, 19));
  for (const value of document.querySelectorAll("[data-at]")) {
    const at = Number(value.dataset.at);
    const stale = Number(value.dataset.stale);
    if (!at) continue;
    setText(value.querySelector(".age"), duration(now - at));
    value.classList.toggle("is-stale", stale > 0 && now - at > stale);
  }
  for (const time of document.querySelectorAll("time.age")) {
    if (!time.closest("[data-at]")) setText(time, duration(now - Date.parse(time.dateTime)));
  }
}

/* ---- samples ---- */

function findValue(sample) {
  const box = document.querySelector(`[data-equipment="${CSS.escape(sample.equipment)}"]`);
  return box && box.querySelector(`[data-point="${CSS.escape(sample.point)}"]`);
}

function showQuality(value, sample) {
  const cell = value.querySelector(".quality-cell");
  for (const name of ["good", "uncertain", "bad"])
    value.classList.toggle("q-" + name, name === sample.quality);
  if (cell && cell.dataset.now !== sample.quality) {
    cell.dataset.now = sample.quality;
    refreshSoon(); /* the words for it come from the server */
  }
}

function showSample(sample) {
  const value = findValue(sample);
  if (!value) return;
  showQuality(value, sample);
  if (sample.quality === "bad") return;
  const number = value.querySelector(".number");
  const text = sample.text;
  value.dataset.at = String(Date.parse(sample.time));
  const time = value.querySelector("time.age");
  if (time) time.dateTime = sample.time;
  if (number.textContent === text) return;
  number.textContent = text;
  value.classList.remove("flash");
  void value.offsetWidth; /* starts the animation again */
  value.classList.add("flash");
}

/* ---- pieces of the page ---- */

const pieces = ["tiles", "controls", "board", "banner", "issues-open", "issues-past",
  "issues", "timeline", "points", "symptoms", "permits"];
let refreshTimer = 0;
let busyUntil = 0; /* somebody is pointing at or typing into the page */

function isEditing() {
  const active = document.activeElement;
  return active && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName);
}

function canSwap() {
  return Date.now() > busyUntil && !isEditing() && document.getSelection().isCollapsed;
}

function swap(id, next) {
  const old = document.getElementById(id);
  const fresh = next.getElementById(id);
  if (!old || !fresh || old.innerHTML === fresh.innerHTML) return;
  const focused = document.activeElement;
  const href = old.contains(focused) && focused.getAttribute("href");
  const closed = [...old.querySelectorAll("details.group")]
    .map((d) => [d.querySelector("h2").textContent, d.open]);
  old.replaceChildren(...fresh.childNodes);
  old.className = fresh.className;
  for (const group of old.querySelectorAll("details.group")) {
    const was = closed.find(([name]) => name === group.querySelector("h2").textContent);
    if (was) group.open = was[1];
  }
  if (href) old.querySelector(`[href="${CSS.escape(href)}"]`)?.focus();
}

async function refresh() {
  refreshTimer = 0;
  if (!canSwap()) {
    refreshSoon();
    return;
  }
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of pieces) swap(id, next);
    watchControls();
    showAges();
  } catch {
    /* the stream says that the gateway is gone; it is asked again when it is back */
  }
}

function refreshSoon() {
  if (!refreshTimer) refreshTimer = setTimeout(refresh, 1500);
}

for (const name of ["pointerdown", "touchstart", "keydown"])
  addEventListener(name, () => { busyUntil = Date.now() + 3000; }, { passive: true });

function watchControls() {
  for (const select of document.querySelectorAll(".filters select"))
    select.onchange = () => select.form.requestSubmit();
}

/* ---- the stream ---- */

function ofThisPage(event) {
  const issue = document.getElementById("issue");
  if (issue) return event.issue === issue.dataset.issue;
  return true;
}

function showState(state, sinceMs) {
  live.dataset.state = state;
  setText(document.getElementById("live-word"), state === "on" ? words.live : words.connecting);
  const bad = state === "lost";
  body.toggleAttribute("data-lost", bad);
  lost.hidden = !bad;
  if (!bad) return;
  const s = Math.floor(sinceMs / 1000);
  const text = [Math.floor(s / 60), s % 60].map((n) => String(n).padStart(2, "0")).join(":");
  setText(lost, fill(words.lost, text));
}

openStream({
  query: body.dataset.stream,
  from: body.dataset.from,
  onTime(time) { skewMs = time - Date.now(); },
  onSamples(samples) { samples.forEach(showSample); },
  onChange(event) { if (ofThisPage(event)) refreshSoon(); },
  onAnnounce: refreshSoon, /* a flood may have begun or ended */
  onReread: refreshSoon,
  onState: showState,
});

watchControls();
enhanceCharts(words, offsetMs);
showAges();
setInterval(showAges, 1000);
setInterval(() => { if (!document.hidden) refreshSoon(); }, 30000); /* sinks, gateway */
